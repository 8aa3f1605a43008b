#include "federation/client/work_slots.hpp"

#include <algorithm>
#include <thread>

namespace hippocrypt::federation {

WorkSlots::Slot WorkSlots::acquire(WorkSlots* slots) {
  if (slots == nullptr) return {};
  std::unique_lock lock{slots->mutex_};
  const std::size_t ticket = slots->next_ticket_++;
  slots->freed_.wait(lock,
                     [&] { return ticket == slots->now_serving_ && slots->held_ < slots->count_; });
  ++slots->now_serving_;
  ++slots->held_;
  slots->freed_.notify_all();
  return Slot{slots};
}

void WorkSlots::put_back() {
  const std::lock_guard lock{mutex_};
  --held_;
  freed_.notify_all();
}

void wait_out(std::chrono::duration<double> time, const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
  while (!stop && Clock::now() < end) {
    std::this_thread::sleep_for(
        std::min<Clock::duration>(std::chrono::milliseconds{50}, end - Clock::now()));
  }
}

}  // namespace hippocrypt::federation
