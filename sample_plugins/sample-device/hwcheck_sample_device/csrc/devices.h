// What the parts of the emulated accelerator share.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Device.h>
#include <c10/core/DeviceType.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace sample_device {

constexpr c10::DeviceType kDevice = c10::DeviceType::PrivateUse1;
constexpr int kMostDevices = 16;

// ---- memory.cpp: the context, the devices that there are, and their memory

bool has_context();
bool is_in_bad_fork();
// Fail in a process that was forked after the first use of a device; else be the first use.
void require_context();
void require_device(c10::DeviceIndex index);
void watch_forks();
int device_count();
c10::DeviceIndex& current_device();

c10::DeviceAllocator& allocator();
// The free and the total bytes of a device; asking makes no context.
std::pair<size_t, size_t> memory_info(int device);
// Pretend that a device has so many bytes; none means what the environment says.
void set_limit(std::optional<size_t> bytes, int device);

// ---- random.cpp: generators

at::Generator new_generator(c10::DeviceIndex index);
const at::Generator& default_generator(c10::DeviceIndex index);
// The generator of the host that stands behind one of the device, about to be used once.
// None given means the default generator of that device.
at::Generator host_generator(const std::optional<at::Generator>& given, c10::DeviceIndex device);

// ---- operators.cpp: how often each operator ran on a device

std::unordered_map<std::string, int64_t> operator_calls();
void reset_operator_calls();

} // namespace sample_device
