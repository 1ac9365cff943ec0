// Every operator of torch on the emulated devices: the host's kernel on aliases of the same bytes.
//
// One boxed kernel serves all operators. It checks first what a real accelerator would refuse:
// operands on two devices, or on the device and on the host. Operators that are not torch's own
// need a kernel for this device, as they would anywhere: a plugin must not get the host's by luck.

#include "devices.h"

#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

namespace sample_device {
namespace {

using at::Tensor;
using c10::Device;
using c10::IValue;
using Stack = torch::jit::Stack;

std::mutex calls_mutex;
std::unordered_map<c10::OperatorName, int64_t> calls;

void count(const c10::OperatorName& name) {
  const std::lock_guard<std::mutex> lock(calls_mutex);
  ++calls[name];
}

bool is_ours(const Tensor& tensor) {
  return tensor.defined() && tensor.device().type() == kDevice;
}

Tensor empty_like_host(const Tensor& host, Device device) {
  const c10::DeviceGuard guard(device);
  return at::detail::empty_strided_generic(
      host.sizes(), host.strides(), c10::GetAllocator(kDevice),
      c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), host.scalar_type());
}

// Shape `made` as `like`, of which it has the bytes.
Tensor shaped(Tensor made, const Tensor& like) {
  made.unsafeGetTensorImpl()->set_sizes_and_strides(
      like.sizes(), like.strides(), like.storage_offset());
  made._set_conj(like.is_conj());
  made._set_neg(like.is_neg());
  return made;
}

// The aliases on the host of the operands of one call.
class Aliases {
 public:
  Tensor of(const Tensor& tensor) {
    const Tensor alias = at::detail::make_tensor<c10::TensorImpl>(
        host_storage(tensor), c10::DispatchKeySet(c10::DispatchKey::CPU), tensor.dtype());
    tensors_.emplace_back(shaped(alias, tensor), tensor);
    return alias;
  }

  // The device's tensor for one that the host's kernel returned.
  Tensor back(const Tensor& host, Device device) const {
    for (const auto& [alias, tensor] : tensors_) {
      if (alias.is_same(host)) {
        return tensor;
      }
    }
    for (const auto& [storage, base] : storages_) {
      if (host.storage().is_alias_of(storage)) {
        // The keys say whether autograd follows it: not for what is made in inference mode.
        return shaped(
            at::detail::make_tensor<c10::TensorImpl>(
                c10::TensorImpl::VIEW, c10::Storage(base.storage()), base.key_set(),
                host.dtype()),
            host);
      }
    }
    Tensor made = empty_like_host(host, device);
    std::memcpy(made.mutable_data_ptr(), host.const_data_ptr(), made.storage().nbytes());
    return made;
  }

  // Kernels resize their outputs; do the same to the originals.
  void follow_resizing() const {
    for (const auto& [alias, tensor] : tensors_) {
      const c10::Storage& now = alias.storage();
      const c10::Storage& its = tensor.storage();
      if (now.data() != its.data() || now.nbytes() != its.nbytes()) {
        const c10::DeviceGuard guard(tensor.device());
        c10::DataPtr grown = its.allocator()->allocate(now.nbytes());
        std::memcpy(grown.get(), now.data(), now.nbytes());
        its.set_data_ptr(std::move(grown));
        its.set_nbytes(now.nbytes());
      }
      if (alias.sizes() != tensor.sizes() || alias.strides() != tensor.strides()) {
        tensor.unsafeGetTensorImpl()->set_sizes_and_strides(
            alias.sizes(), alias.strides(), alias.storage_offset());
      }
    }
  }

 private:
  c10::Storage host_storage(const Tensor& tensor) {
    const c10::Storage& original = tensor.storage();
    // One alias for a storage: a kernel must see that two operands overlap.
    for (const auto& [storage, base] : storages_) {
      if (base.storage().is_alias_of(original)) {
        return storage;
      }
    }
    const c10::Storage made(
        c10::Storage::use_byte_size_t(), original.nbytes(),
        c10::DataPtr(original.mutable_data(), c10::kCPU), c10::GetAllocator(c10::kCPU),
        /*resizable=*/true);
    storages_.emplace_back(made, tensor);
    return made;
  }

  std::vector<std::pair<Tensor, Tensor>> tensors_;
  std::vector<std::pair<c10::Storage, Tensor>> storages_;
};

// Visit the tensors of an operand, also in lists, and put back what the visitor answers.
template <typename Visit>
void replace_tensors(IValue& value, Visit visit) {
  if (value.isTensor()) {
    value = visit(value.toTensor(), /*is_index=*/false);
  } else if (value.isTensorList()) {
    std::vector<Tensor> tensors = value.toTensorVector();
    for (Tensor& tensor : tensors) {
      tensor = visit(tensor, /*is_index=*/false);
    }
    value = tensors;
  } else if (value.isOptionalTensorList()) {
    c10::List<std::optional<Tensor>> tensors = value.toOptionalTensorList().copy();
    for (size_t place = 0; place < tensors.size(); ++place) {
      if (const std::optional<Tensor> tensor = tensors.get(place)) {
        tensors.set(place, visit(*tensor, /*is_index=*/true));
      }
    }
    value = tensors;
  }
}

std::optional<Device> find_device(const c10::OperatorHandle& op, at::ArrayRef<IValue> operands) {
  std::optional<Device> found;
  const auto look = [&](const Tensor& tensor, bool) {
    if (is_ours(tensor)) {
      TORCH_CHECK(
          !found || *found == tensor.device(),
          "Expected all tensors to be on the same device, but found at least two devices, ",
          *found, " and ", tensor.device(), "! (when running ", op.operator_name(), ")");
      found = tensor.device();
    }
    return tensor;
  };
  for (IValue operand : operands) {
    replace_tensors(operand, look);
  }
  for (const IValue& operand : operands) {
    if (!found && operand.isDevice()) {
      found = operand.toDevice();
    }
  }
  return found;
}

void run_on_host(const c10::OperatorHandle& op, Stack* stack) {
  const c10::FunctionSchema& schema = op.schema();
  TORCH_CHECK_NOT_IMPLEMENTED(
      schema.getNamespace() == "aten" || schema.getNamespace() == "prims",
      "Could not run '", op.operator_name(), "' on ", c10::get_privateuse1_backend(),
      ": there is no kernel for this device");
  count(op.operator_name());
  const size_t operands = schema.arguments().size();
  const size_t first = stack->size() - operands;
  const Device device =
      find_device(op, torch::jit::last(*stack, operands)).value_or(Device(kDevice, 0));

  Aliases aliases;
  for (size_t place = 0; place < operands; ++place) {
    const auto* info = schema.arguments()[place].alias_info();
    const bool is_written = info != nullptr && info->isWrite();
    IValue& operand = (*stack)[first + place];
    replace_tensors(operand, [&](const Tensor& tensor, bool is_index) {
      if (!tensor.defined()) {
        return tensor;
      }
      if (is_ours(tensor)) {
        return aliases.of(tensor);
      }
      // A number in a tensor of the host, and indices there, are taken along by CUDA as well.
      const bool travels = tensor.device().is_cpu() && (is_index || tensor.dim() == 0);
      TORCH_CHECK(
          travels && !is_written,
          "Expected all tensors to be on the same device, but found at least two devices, ",
          device, " and ", tensor.device(), "! (when running ", op.operator_name(), ")");
      return tensor;
    });
    if (operand.isDevice()) {
      operand = Device(c10::kCPU);
    } else if (schema.arguments()[place].type()->isSubtypeOf(
                   *c10::OptionalType::create(c10::GeneratorType::get()))) {
      const auto given = operand.isNone() ? std::nullopt
                                          : std::make_optional(operand.toGenerator());
      operand = host_generator(given, device.index());
    }
  }

  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);

  aliases.follow_resizing();
  for (size_t place = stack->size() - schema.returns().size(); place < stack->size(); ++place) {
    replace_tensors((*stack)[place], [&](const Tensor& tensor, bool) {
      return tensor.defined() ? aliases.back(tensor, device) : tensor;
    });
  }
}

// ---- what cannot run on aliases ---------------------------------------------------------------

Device device_or_current(std::optional<Device> device) {
  const c10::impl::VirtualGuardImpl guard(kDevice);
  return device && device->has_index() ? *device : guard.getDevice();
}

Tensor empty_on_device(
    c10::IntArrayRef size,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout> layout,
    std::optional<Device> device,
    std::optional<bool> pin_memory,
    std::optional<at::MemoryFormat> memory_format) {
  TORCH_CHECK(c10::layout_or_default(layout) == at::Layout::Strided, "only strided tensors");
  TORCH_CHECK(!c10::pinned_memory_or_default(pin_memory), "only tensors of the host are pinned");
  const c10::DeviceGuard guard(device_or_current(device));
  return at::detail::empty_generic(
      size, c10::GetAllocator(kDevice), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
      c10::dtype_or_default(dtype), memory_format);
}

Tensor empty_strided_on_device(
    c10::IntArrayRef size,
    c10::IntArrayRef stride,
    std::optional<at::ScalarType> dtype,
    std::optional<at::Layout> layout,
    std::optional<Device> device,
    std::optional<bool> pin_memory) {
  TORCH_CHECK(c10::layout_or_default(layout) == at::Layout::Strided, "only strided tensors");
  TORCH_CHECK(!c10::pinned_memory_or_default(pin_memory), "only tensors of the host are pinned");
  const c10::DeviceGuard guard(device_or_current(device));
  return at::detail::empty_strided_generic(
      size, stride, c10::GetAllocator(kDevice),
      c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::dtype_or_default(dtype));
}

// The one way from the host to a device, back, and between two devices.
Tensor copy_across(const Tensor& from, const Tensor& to, bool) {
  static const c10::OperatorName name("aten::_copy_from", "");
  count(name);
  Aliases aliases;
  const Tensor target = is_ours(to) ? aliases.of(to) : to;
  target.copy_(is_ours(from) ? aliases.of(from) : from);
  return to;
}

Tensor& set_storage(
    Tensor& self,
    c10::Storage source,
    int64_t offset,
    c10::IntArrayRef size,
    c10::IntArrayRef stride) {
  c10::TensorImpl* impl = self.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(std::move(source));
  impl->set_storage_offset(offset);
  if (stride.empty()) {
    impl->set_sizes_contiguous(size);
  } else {
    impl->set_sizes_and_strides(size, stride);
  }
  return self;
}

Tensor& set_whole_storage(Tensor& self, c10::Storage source) {
  const auto size = static_cast<int64_t>(source.nbytes() / self.itemsize());
  return set_storage(self, std::move(source), 0, {size}, {});
}

Tensor& set_tensor(Tensor& self, const Tensor& source) {
  return set_storage(
      self, source.storage(), source.storage_offset(), source.sizes(), source.strides());
}

void record_stream(Tensor&, c10::Stream) {} // memory is never reused behind a stream

} // namespace

std::unordered_map<std::string, int64_t> operator_calls() {
  const std::lock_guard<std::mutex> lock(calls_mutex);
  std::unordered_map<std::string, int64_t> told;
  for (const auto& [name, times] : calls) {
    told[c10::toString(name)] = times;
  }
  return told;
}

void reset_operator_calls() {
  const std::lock_guard<std::mutex> lock(calls_mutex);
  calls.clear();
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_host>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", &empty_on_device);
  library.impl("empty_strided", &empty_strided_on_device);
  library.impl("_copy_from", &copy_across);
  library.impl("set_.source_Storage", &set_whole_storage);
  library.impl("set_.source_Storage_storage_offset", &set_storage);
  library.impl("set_.source_Tensor", &set_tensor);
  library.impl("record_stream", &record_stream);
}

// Copying resolves both by itself, on the aliases; before that, torch would copy in order to copy.
TORCH_LIBRARY_IMPL(aten, Conjugate, library) {
  library.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, Negative, library) {
  library.impl("_copy_from", torch::CppFunction::makeFallthrough());
}

} // namespace sample_device
