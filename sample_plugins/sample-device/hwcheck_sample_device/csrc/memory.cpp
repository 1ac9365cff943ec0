// The devices that there are, their context, and their memory, which is the host's and counted.
//
// Kept from a real accelerator: memory that ends, and a context that is made by the first use
// and does not survive fork().

#include "devices.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace sample_device {
namespace {

using c10::Device;
using c10::DeviceIndex;
using c10::CachingAllocator::Stat;
using c10::CachingDeviceAllocator::DeviceStats;

constexpr int64_t kDefaultDevices = 2;
constexpr int64_t kDefaultMemory = int64_t{1} << 30;

std::atomic<bool> context{false};
std::atomic<bool> bad_fork{false};

int64_t setting(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atoll(text) : otherwise;
}

// As with CUDA, an entry that names no device hides itself and all that follow.
int count_visible() {
  const auto all = static_cast<int>(
      std::clamp<int64_t>(setting("SAMPLE_DEVICE_COUNT", kDefaultDevices), 0, kMostDevices));
  const char* text = std::getenv("SAMPLE_DEVICE_VISIBLE");
  if (!text || !*text) {
    return all;
  }
  int count = 0;
  for (char* end = nullptr;; text = end + 1) {
    const long physical = std::strtol(text, &end, 10);
    if (end == text || physical < 0 || physical >= all) {
      return count;
    }
    ++count;
    if (*end != ',' || count == kMostDevices) {
      return count;
    }
  }
}

size_t configured_total() {
  return static_cast<size_t>(
      std::max<int64_t>(0, setting("SAMPLE_DEVICE_MEMORY", kDefaultMemory)));
}

// Exact: neither rounding nor caching, so what is reserved is what is allocated.
class CountingAllocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    require_context();
    const Device device(kDevice, current_device());
    if (bytes == 0) {
      return {nullptr, device};
    }
    reserve(bytes, device.index());
    void* data = nullptr;
    if (posix_memalign(&data, 64, bytes) != 0) {
      release(bytes, device.index());
      TORCH_CHECK_WITH(OutOfMemoryError, false, "the host itself has no ", bytes, " bytes left");
    }
    return {data, new Block{data, bytes, device.index()}, &free_block, device};
  }

  c10::DeleterFnPtr raw_deleter() const override {
    return nullptr; // a block cannot be found by its address alone
  }

  void copy_data(void* to, const void* from, size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }

  bool initialized() override {
    return context;
  }

  void emptyCache(c10::MempoolId_t) override {} // nothing is cached

  void recordStream(const c10::DataPtr&, c10::Stream) override {} // nothing is asynchronous

  DeviceStats getDeviceStats(DeviceIndex index) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return account(index).stats;
  }

  void resetAccumulatedStats(DeviceIndex index) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    change(account(index).stats, [](Stat& stat, bool) { stat.reset_accumulated(); });
  }

  void resetPeakStats(DeviceIndex index) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    change(account(index).stats, [](Stat& stat, bool) { stat.reset_peak(); });
  }

  std::pair<size_t, size_t> getMemoryInfo(DeviceIndex index) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Account& its = account(index);
    return {its.total - std::min(its.total, its.live()), its.total};
  }

  void set_total(size_t bytes, DeviceIndex index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    account(index).total = bytes;
  }

 private:
  struct Block {
    void* data;
    size_t bytes;
    DeviceIndex device;
  };

  struct Account {
    DeviceStats stats;
    size_t total = configured_total();

    size_t live() const {
      return static_cast<size_t>(stats.allocated_bytes[0].current);
    }
  };

  Account& account(DeviceIndex index) {
    require_device(index);
    return accounts_[static_cast<size_t>(index)];
  }

  // Tell of each figure whether it counts bytes or blocks.
  template <typename Change>
  static void change(DeviceStats& stats, Change apply) {
    for (auto* bytes : {&stats.allocated_bytes, &stats.requested_bytes, &stats.reserved_bytes,
                        &stats.active_bytes}) {
      apply((*bytes)[0], true);
    }
    for (auto* blocks : {&stats.allocation, &stats.active}) {
      apply((*blocks)[0], false);
    }
  }

  void reserve(size_t bytes, DeviceIndex index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Account& its = account(index);
    if (bytes > its.total || its.live() > its.total - bytes) {
      ++its.stats.num_ooms;
      TORCH_CHECK_WITH(
          OutOfMemoryError, false, c10::get_privateuse1_backend(),
          " out of memory. Tried to allocate ", bytes, " bytes. Device ",
          static_cast<int>(index), " has ", its.total, " bytes, of which ", its.live(),
          " are in use");
    }
    ++its.stats.num_device_alloc;
    change(its.stats, [bytes](Stat& stat, bool is_bytes) { stat.increase(is_bytes ? bytes : 1); });
  }

  void release(size_t bytes, DeviceIndex index) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Account& its = accounts_[static_cast<size_t>(index)];
    ++its.stats.num_device_free;
    change(its.stats, [bytes](Stat& stat, bool is_bytes) { stat.decrease(is_bytes ? bytes : 1); });
  }

  static void free_block(void* context);

  std::mutex mutex_;
  std::array<Account, kMostDevices> accounts_;
};

// Never destroyed: tensors may be freed while the process ends.
CountingAllocator& counting() {
  static auto* one = new CountingAllocator;
  return *one;
}

void CountingAllocator::free_block(void* held) {
  auto* block = static_cast<Block*>(held);
  std::free(block->data);
  counting().release(block->bytes, block->device);
  delete block;
}

} // namespace

bool has_context() {
  return context && !bad_fork;
}

bool is_in_bad_fork() {
  return bad_fork;
}

void watch_forks() {
  pthread_atfork(nullptr, nullptr, [] { bad_fork = context.load(); });
}

int device_count() {
  // The mask may change until the first use of a device, and not after it.
  static std::atomic<int> settled{-1};
  if (settled >= 0) {
    return settled;
  }
  const int count = count_visible();
  if (context) {
    settled = count;
  }
  return count;
}

void require_device(DeviceIndex index) {
  TORCH_CHECK(
      index >= 0 && index < device_count(), c10::get_privateuse1_backend(),
      " error: invalid device ordinal ", static_cast<int>(index), ", devices: ", device_count());
}

void require_context() {
  TORCH_CHECK(
      !bad_fork, "Cannot re-initialize ", c10::get_privateuse1_backend(),
      " in forked subprocess: its first use was before the fork");
  if (!context) {
    TORCH_CHECK(
        device_count() > 0, "No ", c10::get_privateuse1_backend(), " devices are available");
    context = true;
    device_count(); // settles it
  }
}

DeviceIndex& current_device() {
  thread_local DeviceIndex of_thread = 0;
  return of_thread;
}

c10::DeviceAllocator& allocator() {
  return counting();
}

std::pair<size_t, size_t> memory_info(int device) {
  return counting().getMemoryInfo(static_cast<DeviceIndex>(device));
}

void set_limit(std::optional<size_t> bytes, int device) {
  counting().set_total(bytes.value_or(configured_total()), static_cast<DeviceIndex>(device));
}

} // namespace sample_device
