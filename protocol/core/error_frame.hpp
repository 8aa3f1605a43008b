#pragma once
// The reply to a request that gets no other.

#include "base/shared_bytes.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

inline SharedBytes error_frame(const Error& error) {
  return SharedBytes{encode(ErrorReply::from(error))};
}

}  // namespace hippocrypt::protocol
