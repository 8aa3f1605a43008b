#include "model/files/adapter_gguf.hpp"

#include <algorithm>
#include <deque>

#include "model/files/gguf/gguf_names.hpp"
#include "model/files/gguf_writer.hpp"

namespace hippocrypt::model {
namespace {

/// Rows of each head from (first halves, second halves) to pairs, first and second in turn.
Matrix interleave_halves(const Matrix& from, std::size_t head_dim) {
  HIPPOCRYPT_CHECK(from.rows() % head_dim == 0);
  Matrix to{from.rows(), from.cols()};
  const std::size_t half = head_dim / 2;
  for (std::size_t head = 0; head < from.rows(); head += head_dim) {
    for (std::size_t i = 0; i < half; ++i) {
      const auto first = from.row(head + i), second = from.row(head + half + i);
      std::copy(first.begin(), first.end(), to.row(head + 2 * i).begin());
      std::copy(second.begin(), second.end(), to.row(head + 2 * i + 1).begin());
    }
  }
  return to;
}

bool rotates(LoraTarget target) { return target == LoraTarget::q || target == LoraTarget::k; }

}  // namespace

Status write_adapter_gguf(const LoraAdapter& adapter, const ModelConfig& model,
                          const AdapterGgufOptions& options, const std::filesystem::path& path) {
  if (options.architecture != "llama" && options.architecture != "qwen2") {
    return Error{Errc::unsupported, path.string() + ": adapters for llama.cpp's architecture '" +
                                        options.architecture +
                                        "' cannot be written; only llama and qwen2 can"};
  }
  if (options.dtype != TensorDtype::f32 && options.dtype != TensorDtype::f16) {
    return Error{Errc::unsupported, path.string() + ": a GGUF adapter is written as f32 or f16"};
  }
  const bool interleaved = options.architecture == "llama";
  GgufWriter file;
  file.add_text("general.architecture", options.architecture);
  file.add_text("general.type", "adapter");
  file.add_text("adapter.type", "lora");
  if (!options.name.empty()) file.add_text("general.name", options.name);
  file.add_f32("adapter.lora.alpha", static_cast<float>(adapter.config().alpha()));
  std::deque<Matrix> permuted;  // keeps its elements' places
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const LoraTarget target = adapter.shapes()[i].target;
      const auto& factors = adapter.at(block, i);
      const Matrix* b = &factors.b;
      if (interleaved && rotates(target)) {
        b = &permuted.emplace_back(interleave_halves(factors.b, model->head_dim));
      }
      const std::string stem = gguf_block_tensor(block, gguf_module(target));
      file.add_matrix(stem + ".weight.lora_a", factors.a, options.dtype);
      file.add_matrix(stem + ".weight.lora_b", *b, options.dtype);
    }
  }
  return file.write(path);
}

}  // namespace hippocrypt::model
