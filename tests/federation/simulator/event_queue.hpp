#pragma once
// Simulated time: what is to happen, in order; ties in the order in which they were asked for.

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace hippocrypt::federation::simulator {

class EventQueue {
 public:
  double now() const { return now_; }
  bool empty() const { return events_.empty(); }
  void after(double seconds, std::function<void()> action) {
    events_.push({now_ + seconds, next_++, std::move(action)});
  }
  void step() {
    auto action = std::move(const_cast<Event&>(events_.top()).action);
    now_ = events_.top().time;
    events_.pop();
    action();
  }

 private:
  struct Event {
    double time;
    std::uint64_t number;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };
  std::priority_queue<Event> events_;
  double now_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace hippocrypt::federation::simulator
