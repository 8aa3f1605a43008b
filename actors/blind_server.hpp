#pragma once
// The blind server: computes on ciphertexts, holds no key and links no client code.

#include <caf/typed_response_promise.hpp>
#include <memory>
#include <vector>

#include "actors/interfaces.hpp"
#include "protocol/core/frame_service.hpp"

namespace hippocrypt::actors {

/// Spawn detached: products take a thread of their own.
struct BlindServerState {
  static constexpr const char* name = "blind_server";
  /// Requests answered in one go, at most.
  static constexpr std::size_t max_batch = 16;
  struct Waiting {
    Frame request;
    caf::typed_response_promise<Frame> reply;
  };
  std::shared_ptr<const protocol::FrameService> service;
  std::vector<Waiting> waiting;

  BlindServerState() = default;
  BlindServerState(const BlindServerState&) = delete;
  BlindServerState& operator=(const BlindServerState&) = delete;
  /// Who still waits when the server ends is told so.
  ~BlindServerState();
};

BlindServerActor::behavior_type blind_server(
    BlindServerActor::stateful_pointer<BlindServerState> self,
    std::shared_ptr<const protocol::FrameService> service);

}  // namespace hippocrypt::actors
