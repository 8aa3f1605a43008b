#pragma once
// A hospital of another process as an actor of this one: to the aggregator's actor it is a
// hospital, and what comes over the link from the hospital goes to the aggregator's actor.

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "actors/gateways/link_messages.hpp"
#include "actors/interfaces.hpp"

namespace hippocrypt::actors {

using HospitalGatewayActor = HospitalActor::extend<
    // A message from the hospital.
    caf::reacts_to<inbound_atom, LinkInbound>,
    // Its session is over.
    caf::reacts_to<down_atom, LinkChange>>;

/// Hospitals that have said that they need nothing more. For any number of threads.
class DoneHospitals {
 public:
  void insert(const std::string& name) {
    const std::lock_guard lock{mutex_};
    names_.insert(name);
  }
  void erase(const std::string& name) {
    const std::lock_guard lock{mutex_};
    names_.erase(name);
  }
  std::set<std::string> names() const {
    const std::lock_guard lock{mutex_};
    return names_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> names_;
};

struct HospitalGatewaySpec {
  net::LinkPointer link;
  AggregatorActor aggregator;
  Frame welcome;                        ///< the first that the hospital hears
  caf::actor observer;                  ///< hears notes, and what hospitals report of their budgets
  std::shared_ptr<DoneHospitals> done;  ///< gets its name once all that it said was passed on
};

struct HospitalGatewayState {
  static constexpr const char* name = "hospital_gateway";
  HospitalGatewaySpec spec;
};

/// Lives as long as the session; the aggregator's actor sees it end. A hospital that speaks for
/// another, or says what no hospital says, loses its session. A message's credit is kept until the
/// aggregator's actor has dealt with it.
HospitalGatewayActor::behavior_type hospital_gateway(
    HospitalGatewayActor::stateful_pointer<HospitalGatewayState> self, HospitalGatewaySpec spec);

}  // namespace hippocrypt::actors
