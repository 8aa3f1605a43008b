#pragma once
// The blind server: computes on ciphertexts, holds no key and links no client code.

#include <memory>

#include "actors/interfaces.hpp"
#include "protocol/server/product_service.hpp"

namespace hippocrypt::actors {

/// Spawn detached: products take a thread of their own.
struct BlindServerState {
  static constexpr const char* name = "blind_server";
  std::unique_ptr<const protocol::ProductService> service;
};

BlindServerActor::behavior_type blind_server(
    BlindServerActor::stateful_pointer<BlindServerState> self,
    std::shared_ptr<std::unique_ptr<const protocol::ProductService>> service);

}  // namespace hippocrypt::actors
