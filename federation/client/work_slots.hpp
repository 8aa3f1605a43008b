#pragma once
// How many hospitals of one process work at once. A simulation has many more hospitals than the
// machine has cores; those that wait for a slot hold no workspace.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace hippocrypt::federation {

/// A counting limit, first come first served. Any number of threads may use it.
class WorkSlots {
 public:
  explicit WorkSlots(std::size_t count) : count_{count} {}
  WorkSlots(const WorkSlots&) = delete;
  WorkSlots& operator=(const WorkSlots&) = delete;

  /// Held while it lives.
  class Slot {
   public:
    Slot() = default;  // of no limit
    explicit Slot(WorkSlots* slots) : slots_{slots} {}
    Slot(Slot&& other) noexcept : slots_{std::exchange(other.slots_, nullptr)} {}
    Slot& operator=(Slot&& other) = delete;
    ~Slot() { release(); }
    void release() {
      if (auto* const slots = std::exchange(slots_, nullptr)) slots->put_back();
    }

   private:
    WorkSlots* slots_ = nullptr;
  };

  /// Waits for a free slot. null: no limit.
  static Slot acquire(WorkSlots* slots);

 private:
  void put_back();

  std::mutex mutex_;
  std::condition_variable freed_;
  const std::size_t count_;
  std::size_t held_ = 0;
  std::size_t next_ticket_ = 0, now_serving_ = 0;
};

/// Sleeps that long, in pieces, unless `stop` is set: the work of a machine that is slower than
/// this one. Returns at once for 0 or less.
void wait_out(std::chrono::duration<double> time, const std::atomic<bool>& stop);

}  // namespace hippocrypt::federation
