#pragma once
// Where hospitals of other processes come in at the aggregator: one gateway for each session.

#include <caf/actor_system.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "actors/gateways/hospital_gateway.hpp"
#include "actors/gateways/sparse_log.hpp"

namespace hippocrypt::actors {

/// For any number of threads.
class HospitalIngress final : public net::LinkEvents {
 public:
  struct Parts {
    caf::actor_system& system;  ///< outlives the ingress
    AggregatorActor aggregator;
    Frame welcome;
    caf::actor observer;  ///< hears notes
  };
  explicit HospitalIngress(Parts parts) : parts_{std::move(parts)} {}
  ~HospitalIngress() override { end("the aggregator ended"); }

  void on_up(const net::LinkPointer& link) override;
  void on_message(const net::LinkPointer& link, net::Inbound message) override;
  void on_down(const net::LinkPointer& link, const Error& reason) override;
  void on_cut(const net::LinkPointer& link, const Error& reason) override;
  void on_resumed(const net::LinkPointer& link) override;
  void on_refused(const std::string& address, const Error& reason) override;

  /// The run stops before its end: every hospital is told why, and its session ends.
  void stop(const std::string& reason);
  /// Hospitals that said that they have the final adapter.
  std::set<std::string> done() const { return done_->names(); }
  /// Hospitals with a session.
  std::set<std::string> present() const;

 private:
  void end(const std::string& reason);
  HospitalGatewayActor gateway_of(const net::LinkPointer& link) const;
  void tell(const net::LinkPointer& link, const std::string& text) const;

  Parts parts_;
  mutable std::mutex mutex_;
  std::map<net::LinkPointer, HospitalGatewayActor> gateways_;
  std::shared_ptr<DoneHospitals> done_ = std::make_shared<DoneHospitals>();
  SparseLog refusals_{std::chrono::seconds{10}};
};

}  // namespace hippocrypt::actors
