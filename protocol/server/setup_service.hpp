#pragma once
// What the server says about itself: the setup whole, its table, and its hints piece by piece. All
// of it is looked up in the setup frame, which may be a mapped file.

#include "protocol/core/envelope.hpp"
#include "protocol/core/setup_layout.hpp"
#include "protocol/server/setup_builder.hpp"

namespace hippocrypt::protocol {

/// Serves one set of masks. Immutable: any number of threads may call it at once.
class SetupService {
 public:
  /// `frame` is the setup frame that was built from these sources.
  SetupService(const SetupSources& sources, SharedBytes frame);

  /// Whether answer() is for messages of this type.
  static bool takes(MessageType type) {
    return type == MessageType::setup_request || type == MessageType::hint_request;
  }
  /// The reply's frame. Errors: malformed (the request), mismatch (another model's or other
  /// parameters'), out_of_range (words beyond the hints' end), not_found (a block that is not
  /// served here), and those of find_site.
  Result<SharedBytes> answer(const FrameView& request) const;

  SharedBytes frame() const { return frame_; }
  /// The place in the table of the site that a request is for. Errors: mismatch (parameters,
  /// weights), stale (other masks), out_of_range (no such site in the model), not_found (not served
  /// here).
  Result<std::size_t> find_site(const ProductIds& ids) const;

 private:
  Result<SharedBytes> answer_setup(const FrameView& frame) const;
  Result<SharedBytes> answer_hints(const FrameView& frame) const;
  Status check_block(std::uint32_t block) const;

  Hash256 config_fingerprint_;
  std::size_t blocks_;  ///< of the model
  BlockRange range_;    ///< that is served
  SharedBytes frame_;
  ByteView body_;  ///< in frame_
  SetupReply table_;
  SetupLayout layout_;
  SharedBytes table_frame_;
};

}  // namespace hippocrypt::protocol
