#pragma once
// Decodes ids as they come, for text that is shown while it is generated.

#include <string>

#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

/// The pieces that it gives join up to what Tokenizer::decode gives of all ids.
class StreamDecoder {
 public:
  explicit StreamDecoder(Tokenizer tokenizer, DecodeOptions options = {});

  /// What the id adds, up to the last whole character: the start of a UTF-8 sequence waits for its
  /// end. Errors: out_of_range (an id outside the vocabulary).
  Result<std::string> add(TokenId id);
  /// What still waits, when no more ids come.
  std::string finish();

 private:
  Tokenizer tokenizer_;
  DecodeOptions options_;
  std::string waiting_;
};

}  // namespace hippocrypt::model
