#pragma once
// The vocabulary that a GGUF file carries, unchecked: what a reader of GGUF fills and
// tokenizer_gguf.hpp makes a tokenizer of. The keys are those of the GGUF specification.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hippocrypt::model {

/// Keys that the file lacks leave their field empty.
struct GgufVocabulary {
  std::string model;                ///< tokenizer.ggml.model: "gpt2", "llama", …
  std::string pre;                  ///< tokenizer.ggml.pre: "llama-bpe", "qwen2", …
  std::vector<std::string> tokens;  ///< tokenizer.ggml.tokens, by id
  std::vector<std::int32_t> types;  ///< tokenizer.ggml.token_type, by id
  std::vector<float> scores;        ///< tokenizer.ggml.scores, by id
  std::vector<std::string> merges;  ///< tokenizer.ggml.merges: "left right", by rank
  std::optional<std::uint32_t> bos, eos, unknown, padding;  ///< tokenizer.ggml.*_token_id
  std::optional<bool> add_bos;                              ///< tokenizer.ggml.add_bos_token
  std::optional<bool> add_eos;                              ///< tokenizer.ggml.add_eos_token
  std::optional<bool> add_space_prefix;                     ///< tokenizer.ggml.add_space_prefix
  std::string chat_template;                                ///< tokenizer.chat_template
};

}  // namespace hippocrypt::model
