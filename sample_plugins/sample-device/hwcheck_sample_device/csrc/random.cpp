// Generators of random numbers: the host's, under the device's name.

#include "devices.h"

#include <ATen/CPUGeneratorImpl.h>

#include <map>
#include <vector>

namespace sample_device {
namespace {

using c10::DeviceIndex;

// The states of so many last uses are kept to step back to.
constexpr size_t kStepsBack = 4;
constexpr uint64_t kStepsOfKernel = 4;

// The kernels are the host's and accept no generator but the host's: `use_once` lends it.
struct DeviceGenerator final : c10::GeneratorImpl {
  explicit DeviceGenerator(DeviceIndex index)
      : GeneratorImpl(
            c10::Device(kDevice, index), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)),
        host_(at::detail::createCPUGenerator()) {}

  at::Generator use_once() {
    states_[offset_] = get_state();
    if (states_.size() > kStepsBack) {
      states_.erase(states_.begin());
    }
    offset_ += kStepsOfKernel;
    return host_;
  }

  void set_current_seed(uint64_t seed) override {
    forget();
    host_.set_current_seed(seed);
  }
  uint64_t current_seed() const override {
    return host_.current_seed();
  }
  uint64_t seed() override {
    forget();
    return host_.seed();
  }
  void set_state(const c10::TensorImpl& state) override {
    forget();
    host_.unsafeGetGeneratorImpl()->set_state(state);
  }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override {
    return host_.unsafeGetGeneratorImpl()->get_state();
  }

  // As on CUDA, a caller can step back and draw the same again: vLLM does so when a long prompt
  // comes in parts, and no token of all but the last part counts.
  uint64_t get_offset() const override {
    return offset_;
  }
  void set_offset(uint64_t offset) override {
    if (offset == offset_) {
      return;
    }
    const auto known = states_.find(offset);
    TORCH_CHECK(known != states_.end(), "no state is kept for offset ", offset);
    host_.unsafeGetGeneratorImpl()->set_state(*known->second);
    offset_ = offset;
    states_.erase(known, states_.end());
  }

 private:
  void forget() {
    states_.clear();
    offset_ = 0;
  }

  DeviceGenerator* clone_impl() const override {
    auto* copy = new DeviceGenerator(device().index());
    copy->host_ = host_.clone();
    copy->states_ = states_;
    copy->offset_ = offset_;
    return copy;
  }

  at::Generator host_;
  std::map<uint64_t, c10::intrusive_ptr<c10::TensorImpl>> states_;
  uint64_t offset_ = 0;
};

} // namespace

at::Generator new_generator(DeviceIndex index) {
  return at::make_generator<DeviceGenerator>(index < 0 ? current_device() : index);
}

const at::Generator& default_generator(DeviceIndex index) {
  static auto* all = [] {
    auto* made = new std::vector<at::Generator>;
    for (int device = 0; device < kMostDevices; ++device) {
      made->push_back(new_generator(static_cast<DeviceIndex>(device)));
    }
    return made;
  }();
  return all->at(static_cast<size_t>(index < 0 ? current_device() : index));
}

at::Generator host_generator(const std::optional<at::Generator>& given, DeviceIndex device) {
  const at::Generator& chosen =
      given.has_value() && given->defined() ? *given : default_generator(device);
  TORCH_CHECK(
      chosen.device().type() == kDevice, "Expected a '", c10::get_privateuse1_backend(),
      "' device type for generator but found '", chosen.device().type(), "'");
  return static_cast<DeviceGenerator*>(chosen.unsafeGetGeneratorImpl())->use_once();
}

} // namespace sample_device
