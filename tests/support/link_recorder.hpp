#pragma once
// LinkEvents that write down what they hear, and wait for it.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/link/link.hpp"

namespace hippocrypt::test_support {

/// Keeps the credits too, until release() or unless told to let go at once.
class LinkRecorder final : public net::LinkEvents {
 public:
  enum class Credits { released_at_once, kept };
  explicit LinkRecorder(Credits credits = Credits::released_at_once) : credits_{credits} {}

  void on_up(const net::LinkPointer& link) override {
    note([&] { ups.push_back(link); });
  }
  void on_message(const net::LinkPointer& /*link*/, net::Inbound message) override {
    if (credits_ == Credits::released_at_once) message.credit.reset();
    note([&] { messages.push_back(std::move(message)); });
  }
  void on_down(const net::LinkPointer& /*link*/, const Error& reason) override {
    note([&] { downs.push_back(reason); });
  }
  void on_cut(const net::LinkPointer& /*link*/, const Error& reason) override {
    note([&] { cuts.push_back(reason); });
  }
  void on_resumed(const net::LinkPointer& /*link*/) override {
    note([&] { ++resumed; });
  }
  void on_refused(const std::string& /*address*/, const Error& reason) override {
    note([&] { refused.push_back(reason); });
  }

  /// Whether `condition`, asked under the lock after every event, came true in time.
  bool wait(const std::function<bool()>& condition,
            std::chrono::milliseconds patience = std::chrono::seconds{20}) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, condition);
  }
  bool wait_for_messages(std::size_t count) {
    return wait([&] { return messages.size() >= count; });
  }
  bool wait_for_up(std::size_t count = 1) {
    return wait([&] { return ups.size() >= count; });
  }
  bool wait_for_down(std::size_t count = 1) {
    return wait([&] { return downs.size() >= count; });
  }
  std::size_t count_of_messages() {
    const std::lock_guard lock{mutex_};
    return messages.size();
  }
  /// The newest link to the peer of this name.
  net::LinkPointer link_of(const std::string& name) {
    const std::lock_guard lock{mutex_};
    for (auto at = ups.rbegin(); at != ups.rend(); ++at) {
      if ((*at)->peer().certificate.identity.name == name) return *at;
    }
    return nullptr;
  }
  /// Lets go of all kept credits.
  void release() {
    std::vector<std::shared_ptr<void>> credits;
    const std::lock_guard lock{mutex_};
    for (auto& message : messages) credits.push_back(std::move(message.credit));
  }

  // Read them after a wait for them.
  std::vector<net::LinkPointer> ups;
  std::vector<net::Inbound> messages;
  std::vector<Error> downs, cuts, refused;
  std::size_t resumed = 0;

 private:
  template <class Change>
  void note(Change change) {
    {
      const std::lock_guard lock{mutex_};
      change();
    }
    changed_.notify_all();
  }

  const Credits credits_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace hippocrypt::test_support
