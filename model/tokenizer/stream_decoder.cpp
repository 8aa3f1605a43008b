#include "model/tokenizer/stream_decoder.hpp"

#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {

StreamDecoder::StreamDecoder(Tokenizer tokenizer, DecodeOptions options)
    : tokenizer_{std::move(tokenizer)}, options_{options} {}

Result<std::string> StreamDecoder::add(TokenId id) {
  HIPPOCRYPT_TRY(
      const std::string whole,
      tokenizer_.decode({&id, 1}, {.keep_special = options_.keep_special, .continues = true}));
  HIPPOCRYPT_TRY(const std::string bytes, tokenizer_.decode({&id, 1}, options_));
  // The first text that there is may have a dummy prefix, whatever ids without text come before.
  if (!whole.empty()) options_.continues = true;
  waiting_ += bytes;
  std::string out = waiting_.substr(0, waiting_.size() - unfinished_utf8_suffix(waiting_));
  waiting_.erase(0, out.size());
  return out;
}

std::string StreamDecoder::finish() {
  std::string out = std::move(waiting_);
  waiting_.clear();
  options_.continues = true;
  return out;
}

}  // namespace hippocrypt::model
