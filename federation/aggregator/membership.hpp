#pragma once
// Who is there: joined, alive, reachable. Internal to RoundCoordinator. Times are seconds of a
// monotonic clock.

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "federation/common/round_messages.hpp"

namespace hippocrypt::federation {

class Membership {
 public:
  /// Hospitals in the config's order, each once. Who gives no sign of life for `grace_s` is silent.
  Membership(std::vector<std::string> hospitals, double grace_s);

  void join(const std::string& name, double now);
  /// A sign of life.
  void see(const std::string& name, double now);
  /// Its connection is gone; it counts as silent only when its grace is over.
  void lose(const std::string& name, const std::string& detail);
  /// It cannot take part until it joins again.
  void withdraw(const std::string& name, const std::string& detail);

  const std::vector<std::string>& hospitals() const { return hospitals_; }
  bool knows(const std::string& name) const { return sites_.count(name) == 1; }
  bool joined(const std::string& name) const { return sites_.at(name).joined; }
  bool withdrawn(const std::string& name) const { return sites_.at(name).withdrawn; }
  double silent_at(const std::string& name) const { return sites_.at(name).seen + grace_s_; }
  bool silent(const std::string& name, double now) const { return silent_at(name) <= now; }

  /// Who can take part in an attempt that starts now.
  std::vector<std::string> present(double now) const;
  /// To whom a message can be sent.
  std::vector<std::string> reachable() const;
  bool reachable(const std::string& name) const;
  std::size_t not_withdrawn() const;
  /// Nobody is left who might still join for the first time.
  bool everybody_joined() const;
  /// Why one that is silent, late or not there does not contribute.
  Absence absence_of(const std::string& name, double now, const std::string& if_late) const;

 private:
  struct Site {
    bool joined = false;
    bool connected = false;
    bool withdrawn = false;
    double seen = -std::numeric_limits<double>::infinity();
    std::string detail;  ///< of its loss or withdrawal
  };
  std::vector<std::string> hospitals_;
  double grace_s_;
  std::map<std::string, Site> sites_;
};

}  // namespace hippocrypt::federation
