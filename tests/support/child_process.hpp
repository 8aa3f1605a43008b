#pragma once
// A program beside the test: started, watched and killed.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace hippocrypt::test_support {

/// Killed when it dies. What the program prints goes to a file, behind what is there.
class ChildProcess {
 public:
  ChildProcess(const std::vector<std::string>& command, std::filesystem::path log,
               const std::map<std::string, std::string>& environment = {})
      : log_{std::move(log)} {
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    child_ = ::fork();
    if (child_ != 0) return;
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    const int file = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ~ChildProcess() {
    signal(SIGKILL);
    wait(std::chrono::seconds{10});
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const {
    if (!status_) ::kill(child_, number);
  }
  /// The exit code, or 128 and the signal's number; nothing where it is still running then.
  std::optional<int> wait(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!status_) {
      int status = 0;
      if (::waitpid(child_, &status, WNOHANG) == child_) {
        status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      } else if (std::chrono::steady_clock::now() > until) {
        return std::nullopt;
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
      }
    }
    return status_;
  }
  std::string output() const {
    std::ostringstream text;
    text << std::ifstream{log_, std::ios::binary}.rdbuf();
    return text.str();
  }
  /// Whether it prints `part`, in time.
  bool wait_for(const std::string& part, std::chrono::milliseconds patience) const {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (output().find(part) == std::string::npos) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
  }

 private:
  std::filesystem::path log_;
  pid_t child_ = -1;
  std::optional<int> status_;
};

}  // namespace hippocrypt::test_support
