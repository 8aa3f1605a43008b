#pragma once
// A bound on what the messages of all peers of a process may hold together.

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace hippocrypt::net {

class MemoryBudget;

/// A share of the budget, or none; goes back when it dies. Move-only.
class Reservation {
 public:
  Reservation() = default;
  Reservation(std::shared_ptr<MemoryBudget> budget, std::size_t bytes)
      : budget_{std::move(budget)}, bytes_{bytes} {}
  Reservation(Reservation&& other) noexcept
      : budget_{std::move(other.budget_)}, bytes_{std::exchange(other.bytes_, 0)} {}
  Reservation& operator=(Reservation&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  inline ~Reservation();
  explicit operator bool() const { return budget_ != nullptr; }

 private:
  std::shared_ptr<MemoryBudget> budget_;
  std::size_t bytes_ = 0;
};

/// For any number of threads. A message reserves all of its length before its peer may go on
/// beyond a window, so that one that goes on can always be finished: peers cannot lock each other.
class MemoryBudget : public std::enable_shared_from_this<MemoryBudget> {
 public:
  /// `on_freed` is called, outside of any lock of the budget, when there may be room for somebody
  /// who was turned away.
  MemoryBudget(std::size_t bytes, std::function<void()> on_freed)
      : left_{bytes}, on_freed_{std::move(on_freed)} {}

  /// None when less is left. What is larger than the whole budget never fits: the caller's
  /// limits must see to it.
  Reservation reserve(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    if (bytes > left_) {
      is_awaited_ = true;
      return {};
    }
    left_ -= bytes;
    return {shared_from_this(), bytes};
  }
  std::size_t left() const {
    const std::lock_guard lock{mutex_};
    return left_;
  }

 private:
  friend class Reservation;
  void give_back(std::size_t bytes) {
    bool tell = false;
    {
      const std::lock_guard lock{mutex_};
      left_ += bytes;
      tell = std::exchange(is_awaited_, false);
    }
    if (tell && on_freed_) on_freed_();
  }

  mutable std::mutex mutex_;
  std::size_t left_;
  bool is_awaited_ = false;
  const std::function<void()> on_freed_;
};

inline Reservation::~Reservation() {
  if (budget_ != nullptr && bytes_ > 0) budget_->give_back(bytes_);
}

}  // namespace hippocrypt::net
