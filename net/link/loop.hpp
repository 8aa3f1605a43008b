#pragma once
// One thread that runs everything of a listener or a connector.

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX

#include <utility>
// Asio of Boost 1.74 uses std::exchange without including it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <mutex>
#include <thread>

namespace hippocrypt::net {

/// Sessions hold it too: what they post after its end is not done, nor is it an error.
class Loop {
 public:
  using Context = boost::asio::io_context;

  Context& context() { return context_; }
  /// Any thread, any time.
  void post(std::function<void()> task) {
    const std::lock_guard lock{mutex_};
    if (!is_over_) boost::asio::post(context_, std::move(task));
  }
  void start() {
    thread_ = std::thread{[this] {
      // OpenSSL writes to sockets that the peer may have closed: an error is enough.
      sigset_t pipe;
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      context_.run();
    }};
  }
  /// Waits until nothing is left to do: everything pending must have been told to end.
  void finish() {
    {
      const std::lock_guard lock{mutex_};
      is_over_ = true;
    }
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Context context_{1};
  boost::asio::executor_work_guard<Context::executor_type> work_{context_.get_executor()};
  std::mutex mutex_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace hippocrypt::net
