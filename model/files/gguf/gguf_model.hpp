#pragma once
// A Llama-family model in a GGUF file as a Model.

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/result.hpp"
#include "model/block_weights.hpp"
#include "model/files/gguf/gguf_file.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// The model of an open file. Quantised tensors are turned into floats, to the bit what ggml gives;
/// the rows of q and k into the order of rotate_half; the head is tied when there is no
/// output.weight. All names and shapes are checked before memory is asked for, which is the model
/// in float, less what `sink` takes out of it. The values do not depend on `threads`. Errors:
/// malformed (metadata), unsupported (everything about the model that we lack, in one sentence),
/// not_found (a tensor), mismatch (a tensor's shape against the metadata), out_of_range (a shape
/// that ModelConfig refuses), not_finite (names the tensor).
Result<Model> load_gguf_model(const GgufFile& file, std::size_t threads = 2,
                              const BlockSink& sink = {});

/// Opens the file first. Errors: also those of GgufFile::open.
Result<Model> load_gguf_model(const std::filesystem::path& path,
                              std::uint64_t limit_bytes = default_gguf_limit_bytes,
                              std::size_t threads = 2, const BlockSink& sink = {});

/// The shape alone, without a look at the weights. Errors: those of GgufFile::open, malformed,
/// unsupported, out_of_range.
Result<ModelConfig> load_gguf_config(const std::filesystem::path& path);

}  // namespace hippocrypt::model
