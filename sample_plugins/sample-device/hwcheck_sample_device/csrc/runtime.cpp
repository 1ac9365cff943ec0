// What torch asks of a device, and what Python asks of this one.
//
// Everything runs synchronously, so streams and events order nothing.

#include "devices.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/core/Tensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/ops/empty.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>

namespace sample_device {
namespace {

using c10::Device;
using c10::DeviceIndex;
using c10::Stream;

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override {
    return kDevice;
  }
  Device exchangeDevice(Device device) const override {
    const Device before = getDevice();
    if (device.index() >= 0 && device.index() != before.index()) {
      setDevice(device);
    }
    return before;
  }
  Device getDevice() const override {
    return {kDevice, current_device()};
  }
  void setDevice(Device device) const override {
    require_device(device.index());
    require_context();
    current_device() = device.index();
  }
  void uncheckedSetDevice(Device device) const noexcept override {
    current_device() = device.index();
  }
  DeviceIndex deviceCount() const noexcept override {
    return static_cast<DeviceIndex>(device_count());
  }

  // Streams have identities, so that code which compares them works, and nothing else.
  Stream getStream(Device device) const override {
    const DeviceIndex index = device.index() < 0 ? current_device() : device.index();
    const c10::StreamId id = current_stream()[static_cast<size_t>(index)];
    return Stream(Stream::UNSAFE, Device(kDevice, index), id);
  }
  Stream getDefaultStream(Device device) const override {
    return Stream(Stream::DEFAULT, device);
  }
  Stream getStreamFromGlobalPool(Device device, bool) const override {
    return getNewStream(device, 0);
  }
  Stream getNewStream(Device device, int) const override {
    static std::atomic<c10::StreamId> last{0};
    return Stream(Stream::UNSAFE, device, ++last);
  }
  Stream exchangeStream(Stream stream) const override {
    const Stream before = getStream(stream.device());
    current_stream()[static_cast<size_t>(stream.device_index())] = stream.id();
    return before;
  }
  bool queryStream(const Stream&) const override {
    return true;
  }
  void synchronizeStream(const Stream&) const override {}
  void synchronizeDevice(DeviceIndex) const override {}

  // An event is the moment at which it was recorded.
  void record(void** event, const Stream&, DeviceIndex, c10::EventFlag) const override {
    if (*event == nullptr) {
      *event = new Moment;
    }
    *static_cast<Moment*>(*event) = std::chrono::steady_clock::now();
  }
  void block(void*, const Stream&) const override {}
  bool queryEvent(void*) const override {
    return true;
  }
  void synchronizeEvent(void*) const override {}
  void destroyEvent(void* event, DeviceIndex) const noexcept override {
    delete static_cast<Moment*>(event);
  }
  double elapsedTime(void* from, void* to, DeviceIndex) const override {
    const std::chrono::duration<double, std::milli> passed =
        *static_cast<Moment*>(to) - *static_cast<Moment*>(from);
    return passed.count();
  }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  static std::array<c10::StreamId, kMostDevices>& current_stream() {
    thread_local std::array<c10::StreamId, kMostDevices> of_thread{};
    return of_thread;
  }
};

// There is no pinned memory. Without an allocator of it, torch.accelerator.empty_host_cache(),
// which vLLM calls at its end, would follow a null pointer.
struct NoPinnedMemory final : at::HostAllocator {
  c10::DataPtr allocate(size_t) override {
    TORCH_CHECK_NOT_IMPLEMENTED(
        false, c10::get_privateuse1_backend(), " has no pinned memory on the host");
  }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
  bool record_event(void*, void*, Stream) override {
    return false;
  }
  void empty_cache() override {}
  at::HostStats get_stats() override {
    return {};
  }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override {}
};

at::HostAllocator* no_pinned_memory() {
  static auto* one = new NoPinnedMemory;
  return one;
}

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override {
    return true;
  }
  bool isAvailable() const override {
    return device_count() > 0;
  }
  bool hasPrimaryContext(DeviceIndex index) const override {
    return has_context() && index < device_count();
  }
  DeviceIndex deviceCount() const override {
    return static_cast<DeviceIndex>(device_count());
  }
  void setCurrentDevice(DeviceIndex index) const override {
    Guard().setDevice({kDevice, index});
  }
  DeviceIndex getCurrentDevice() const override {
    return current_device();
  }
  DeviceIndex exchangeDevice(DeviceIndex index) const override {
    return Guard().exchangeDevice({kDevice, index}).index();
  }
  DeviceIndex maybeExchangeDevice(DeviceIndex index) const override {
    return exchangeDevice(index);
  }
  const at::Generator& getDefaultGenerator(DeviceIndex index) const override {
    return default_generator(index);
  }
  at::Generator getNewGenerator(DeviceIndex index) const override {
    return new_generator(index);
  }
  c10::Allocator* getPinnedMemoryAllocator() const override {
    return no_pinned_memory();
  }
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
    const c10::DeviceGuard guard(storage.device());
    c10::DataPtr grown = allocator().allocate(bytes);
    std::memcpy(grown.get(), storage.data(), std::min(bytes, storage.nbytes()));
    storage.set_data_ptr_noswap(std::move(grown));
    storage.set_nbytes(bytes);
  }
};

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

at::Generator of_device(int device) {
  require_device(static_cast<DeviceIndex>(device));
  return default_generator(static_cast<DeviceIndex>(device));
}

pybind11::bytes rng_state(int device) {
  const at::Tensor state = of_device(device).get_state();
  return {static_cast<const char*>(state.const_data_ptr()), state.nbytes()};
}

void set_rng_state(const std::string& bytes, int device) {
  const at::Tensor state = at::empty({static_cast<int64_t>(bytes.size())}, at::kByte);
  std::memcpy(state.mutable_data_ptr(), bytes.data(), bytes.size());
  of_device(device).set_state(state);
}

} // namespace
} // namespace sample_device

PYBIND11_MODULE(_accelerator, module) {
  using namespace sample_device;
  // Registering makes no context: that is left to the first use.
  watch_forks();
  c10::SetAllocator(kDevice, &allocator());
  at::setHostAllocator(kDevice, no_pinned_memory());
  at::RegisterPrivateUse1HooksInterface(new Hooks);
  module.def("device_count", &device_count);
  module.def("is_initialized", &has_context);
  module.def("is_in_bad_fork", &is_in_bad_fork);
  module.def("require_context", &require_context);
  module.def("memory_info", &memory_info);
  module.def("set_limit", &set_limit);
  module.def("operator_calls", &operator_calls);
  module.def("reset_operator_calls", &reset_operator_calls);
  module.def("seed", [](uint64_t seed, int device) { of_device(device).set_current_seed(seed); });
  module.def("initial_seed", [](int device) { return of_device(device).current_seed(); });
  module.def("rng_state", &rng_state);
  module.def("set_rng_state", &set_rng_state);
}
