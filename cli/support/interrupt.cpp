#include "cli/support/interrupt.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/check.hpp"

namespace hippocrypt::cli {
namespace {

std::atomic<bool> stop_requested{false};
std::atomic<bool> reload_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");

extern "C" void on_interrupt(int) {
  const int saved_errno = errno;
  stop_requested.store(true);
  // Only calls that POSIX allows in a handler.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  constexpr char message[] = "\nstopping after the current step; press Ctrl-C again to kill\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, message, sizeof message - 1);
  errno = saved_errno;
}

extern "C" void on_hangup(int) { reload_requested.store(true); }

}  // namespace

const std::atomic<bool>& install_interrupt_handler() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // reads and writes under way finish
  HIPPOCRYPT_CHECK(::sigaction(SIGINT, &action, nullptr) == 0);
  HIPPOCRYPT_CHECK(::sigaction(SIGTERM, &action, nullptr) == 0);
  return stop_requested;
}

std::atomic<bool>& install_reload_handler() {
  struct sigaction action {};
  action.sa_handler = on_hangup;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  HIPPOCRYPT_CHECK(::sigaction(SIGHUP, &action, nullptr) == 0);
  return reload_requested;
}

const std::atomic<bool>& interrupt_flag() { return stop_requested; }

}  // namespace hippocrypt::cli
