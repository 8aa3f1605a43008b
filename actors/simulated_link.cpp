#include "actors/simulated_link.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <chrono>
#include <limits>
#include <utility>

#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FailureKind;
using Self = LinkActor::stateful_pointer<LinkState>;

/// How often a hospital without connection looks whether it is back.
constexpr std::chrono::milliseconds look_again{20};

/// What the aggregator delivers to.
HospitalActor::behavior_type far_end(HospitalActor::pointer self, const LinkActor& link) {
  return {
      [self, link](deliver_atom, const Frame& frame) {
        self->send(link, flush_atom::value, frame);
      },
      [](join_atom) {},
  };
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// How long a message waits: for those before it on the line, its bytes and the way.
std::chrono::nanoseconds delay(const federation::SiteConfig& site, std::size_t bytes,
                               double& busy_until) {
  const double way = site.link_ms / 1000;
  const double now = seconds_now();
  busy_until = std::max(now, busy_until) + site.transfer_seconds(bytes) - way;
  return std::chrono::nanoseconds{static_cast<std::int64_t>((busy_until + way - now) * 1e9)};
}

template <class Handle, class... Parts>
void pass_on(const LinkState& state, const Handle& to, double& busy_until, const Frame& frame,
             Parts... parts) {
  const auto& site = state.spec.site;
  if (site.link_mbit == 0 && site.link_ms == 0) {
    caf::anon_send(to, std::move(parts)..., frame);
  } else {
    caf::delayed_anon_send(to, delay(site, frame.bytes->size(), busy_until), std::move(parts)...,
                           frame);
  }
}

/// The round under way, as far as this end can know.
std::uint32_t round_now(const LinkState& state) {
  return std::max(state.round, state.spec.rounds_over->load() + 1);
}

void connect(Self self) {
  auto& state = self->state;
  if (state.far_end) caf::anon_send_exit(state.far_end, caf::exit_reason::user_shutdown);
  state.far_end = self->spawn(far_end, LinkActor{self});
  pass_on(state, state.spec.aggregator, state.up_until, *state.join, join_atom::value,
          state.far_end);
}

/// The aggregator sees that the connection is gone.
void disconnect(Self self) {
  auto& state = self->state;
  if (!state.far_end) return;
  caf::anon_send_exit(state.far_end, caf::exit_reason::remote_link_unreachable);
  state.far_end = HospitalActor{};
}

/// An update as it arrives after damage on the way: a value that is no number, or a body cut short.
Frame damaged(const LinkState& state, const Frame& frame) {
  const auto& site = state.spec.site;
  if (auto update = federation::decode_update(*frame.bytes)) {
    if (!site.fails(FailureKind::corrupt, update->round) || update->values.empty()) return frame;
    update->values.front() = std::numeric_limits<float>::quiet_NaN();
    return frame_of(*update);
  }
  if (auto message = federation::decode_round_message(*frame.bytes)) {
    const bool is_update = message->kind == federation::RoundMessageKind::masked_update;
    if (!is_update || !site.fails(FailureKind::corrupt, message->round)) return frame;
    if (!message->body.empty()) message->body.pop_back();
    return frame_of(*message);
  }
  return frame;
}

void on_join(Self self, const Frame& frame) {
  auto& state = self->state;
  state.join = frame;
  if (!state.spec.site.fails(FailureKind::offline, round_now(state))) connect(self);
}

void go_up(Self self, const Frame& frame) {
  auto& state = self->state;
  // Before it has joined it may say that it cannot.
  if (state.join && !state.far_end) return;
  pass_on(state, state.spec.aggregator, state.up_until,
          state.spec.site.failures.empty() ? frame : damaged(state, frame), deliver_atom::value);
}

void go_down(Self self, const Frame& frame) {
  auto& state = self->state;
  if (!state.far_end) return;
  if (const auto start = federation::decode_round_start(*frame.bytes)) state.round = start->round;
  const auto& site = state.spec.site;
  if (site.fails(FailureKind::crash, state.round) && state.crashed != state.round) {
    state.crashed = state.round;
    disconnect(self);
    caf::anon_send_exit(state.hospital, caf::exit_reason::kill);
    return;
  }
  if (site.fails(FailureKind::offline, round_now(state))) {
    disconnect(self);
    self->delayed_send(self, look_again, tick_atom::value);
    return;
  }
  pass_on(state, state.hospital, state.down_until, frame, deliver_atom::value);
}

/// Is the hospital back?
void on_tick(Self self) {
  auto& state = self->state;
  if (state.far_end || !state.join) return;
  if (state.spec.site.fails(FailureKind::offline, round_now(state))) {
    self->delayed_send(self, look_again, tick_atom::value);
  } else {
    connect(self);
  }
}

void start_hospital(Self self) {
  auto& state = self->state;
  state.join.reset();
  state.hospital = state.spec.spawn(caf::actor_cast<AggregatorActor>(self));
  self->monitor(state.hospital);
}

void on_down(Self self, const caf::down_msg& down) {
  auto& state = self->state;
  if (state.hospital.address() != down.source) return;
  const auto& script = state.spec.site.failures;
  const bool comes_back = std::any_of(script.begin(), script.end(), [&](const auto& failure) {
    return failure.restarts && state.crashed > 0 && failure.in(state.crashed);
  });
  if (comes_back && down.reason == caf::exit_reason::kill) return start_hospital(self);
  disconnect(self);
}

}  // namespace

LinkState::~LinkState() {
  if (hospital) caf::anon_send_exit(hospital, caf::exit_reason::user_shutdown);
  if (far_end) caf::anon_send_exit(far_end, caf::exit_reason::user_shutdown);
}

LinkActor::behavior_type simulated_link(Self self, std::shared_ptr<LinkSpec> spec) {
  self->state.spec = std::move(*spec);
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  start_hospital(self);
  return {
      [self](join_atom, const HospitalActor&, const Frame& frame) { on_join(self, frame); },
      [self](deliver_atom, const Frame& frame) { go_up(self, frame); },
      [self](tick_atom) { on_tick(self); },
      [self](flush_atom, const Frame& frame) { go_down(self, frame); },
  };
}

}  // namespace hippocrypt::actors
