#pragma once
// Ends the process, or one hospital's actor, at a point of a run that a text names:
// "who:point:round[:count]", the count from 1 of how often it is reached.

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

namespace hippocrypt::testing_program {

struct KillPoint {
  std::string who, point;
  std::uint64_t round = 0;
  int count = 1;
};

/// Nothing sensible gives a point that nobody reaches.
inline KillPoint parse_kill_point(const std::string& text) {
  KillPoint out;
  std::istringstream in{text};
  std::string number;
  std::getline(in, out.who, ':');
  std::getline(in, out.point, ':');
  if (std::getline(in, number, ':')) out.round = std::strtoull(number.c_str(), nullptr, 10);
  if (std::getline(in, number, ':')) out.count = std::atoi(number.c_str());
  return out;
}

/// Called by any thread. `whole_process`: SIGKILL; otherwise an exception that no actor survives.
class KillSwitch {
 public:
  KillSwitch(KillPoint point, bool whole_process)
      : point_{std::move(point)}, whole_process_{whole_process}, left_{point_.count} {}
  void reach(const std::string& who, std::string_view point, std::uint64_t round) {
    if (who != point_.who || point != point_.point || round != point_.round) return;
    if (--left_ != 0) return;
    if (whole_process_) ::raise(SIGKILL);
    throw std::runtime_error{"killed at " + point_.point};
  }

 private:
  KillPoint point_;
  bool whole_process_;
  std::atomic<int> left_;
};

}  // namespace hippocrypt::testing_program
