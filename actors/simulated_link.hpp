#pragma once
// The line between one hospital and the aggregator, with what federation::SiteConfig says of it:
// bytes and distance take time, and the failure script happens here. To the hospital it is the
// aggregator; to the aggregator, a hospital.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "actors/interfaces.hpp"
#include "federation/common/simulation_config.hpp"

namespace hippocrypt::actors {

using LinkActor = AggregatorActor::extend<
    // INTERNAL: a frame on its way to the hospital.
    caf::reacts_to<flush_atom, Frame>>;

struct LinkSpec {
  federation::SiteConfig site;
  AggregatorActor aggregator;
  /// Starts the hospital (again) in front of this link.
  std::function<HospitalActor(const AggregatorActor& link)> spawn;
  /// Of the run: by it an offline hospital knows that it is back. Never null.
  std::shared_ptr<const std::atomic<std::uint32_t>> rounds_over;
};

struct LinkState {
  static constexpr const char* name = "simulated_link";
  LinkSpec spec;
  HospitalActor hospital;
  HospitalActor far_end;      ///< where the aggregator delivers; none while there is no connection
  std::optional<Frame> join;  ///< the hospital's last, for when it is back
  std::uint32_t round = 0;
  std::uint32_t crashed = 0;            ///< round of the last crash
  double up_until = 0, down_until = 0;  ///< seconds of the clock at which the line is free again

  LinkState() = default;
  LinkState(const LinkState&) = delete;
  LinkState& operator=(const LinkState&) = delete;
  /// The hospital ends with its line.
  ~LinkState();
};

LinkActor::behavior_type simulated_link(LinkActor::stateful_pointer<LinkState> self,
                                        std::shared_ptr<LinkSpec> spec);

}  // namespace hippocrypt::actors
