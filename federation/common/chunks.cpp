#include "federation/common/chunks.hpp"

#include <algorithm>
#include <cereal/types/string.hpp>

#include "base/check.hpp"
#include "federation/common/messages.hpp"

namespace hippocrypt::federation {
namespace {

struct ChunkEnvelope {
  static constexpr protocol::MessageType message_type = protocol::MessageType::chunk;
  std::string sender;
  std::uint64_t message = 0, offset = 0, total = 0, count = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(sender, message, offset, total, count);
  }
  Status validate() const {
    if (sender.size() > max_text_bytes) {
      return Error{Errc::malformed, "a sender's name has " + std::to_string(sender.size()) +
                                        " bytes; at most " + std::to_string(max_text_bytes)};
    }
    if (count > 0 && count <= total && offset <= total - count) return {};
    return Error{Errc::malformed, "a piece of " + std::to_string(count) + " bytes at " +
                                      std::to_string(offset) + " is not within its message of " +
                                      std::to_string(total)};
  }
  std::size_t body_bytes() const { return count; }
};

}  // namespace

Bytes encode(const Chunk& message) {
  ChunkEnvelope envelope;
  envelope.sender = message.sender;
  envelope.message = message.message;
  envelope.offset = message.offset;
  envelope.total = message.total;
  envelope.count = message.bytes.size();
  return protocol::encode(envelope, message.bytes);
}

Result<Chunk> decode_chunk(ByteView frame) {
  HIPPOCRYPT_TRY(const auto opened, protocol::open_frame(frame));
  HIPPOCRYPT_TRY(auto envelope, protocol::decode<ChunkEnvelope>(opened));
  return Chunk{std::move(envelope.sender), envelope.message, envelope.offset, envelope.total,
               opened.body};
}

std::vector<Bytes> split_frame(const std::string& sender, std::uint64_t message, ByteView frame,
                               std::size_t chunk_bytes) {
  HIPPOCRYPT_CHECK(chunk_bytes > 0);
  std::vector<Bytes> out;
  for (std::size_t offset = 0; offset < frame.size(); offset += chunk_bytes) {
    const ByteView piece = frame.subspan(offset, std::min(chunk_bytes, frame.size() - offset));
    out.push_back(encode(Chunk{sender, message, offset, frame.size(), piece}));
  }
  return out;
}

Status ChunkAssembler::check(const Chunk& chunk) const {
  if (chunk.sender != sender_) {
    return Error{Errc::mismatch,
                 "a piece of a message of " + chunk.sender + " came from " + sender_};
  }
  if (chunk.total > limit_bytes_) {
    return Error{Errc::limit_exceeded, sender_ + " announces a message of " +
                                           std::to_string(chunk.total) + " bytes; at most " +
                                           std::to_string(limit_bytes_)};
  }
  if (chunk.offset == 0) return {};
  if (chunk.message != message_ || chunk.offset != held_.size()) {
    return Error{Errc::malformed, sender_ + " sent byte " + std::to_string(chunk.offset) +
                                      " of message " + std::to_string(chunk.message) + "; byte " +
                                      std::to_string(held_.size()) + " of message " +
                                      std::to_string(message_) + " is due"};
  }
  if (chunk.total == total_) return {};
  return Error{Errc::mismatch, sender_ + " announced " + std::to_string(total_) +
                                   " bytes before and " + std::to_string(chunk.total) + " now"};
}

Result<std::optional<Bytes>> ChunkAssembler::add(const Chunk& chunk) {
  if (auto status = check(chunk); !status) {
    held_ = {};
    message_ = total_ = 0;
    return std::move(status).error();
  }
  if (chunk.offset == 0) {
    held_.clear();
    message_ = chunk.message;
    total_ = chunk.total;
    held_.reserve(std::min<std::uint64_t>(total_, 4 * chunk.bytes.size()));
  }
  held_.insert(held_.end(), chunk.bytes.begin(), chunk.bytes.end());
  if (held_.size() < total_) return std::optional<Bytes>{};
  message_ = total_ = 0;
  return std::optional<Bytes>{std::exchange(held_, {})};
}

}  // namespace hippocrypt::federation
