#include "model/files/gguf/gguf_model.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "model/files/gguf/gguf_config.hpp"
#include "model/files/gguf/gguf_names.hpp"
#include "model/lora_config.hpp"

namespace hippocrypt::model {
namespace {

/// Values that one piece of work turns into floats.
constexpr std::size_t piece_values = std::size_t{1} << 16;

/// Where one tensor's values go.
struct Slot {
  std::string name;
  std::vector<std::uint64_t> shape;
  std::function<std::span<float>(Model&)> values;
  bool is_rotated = false;  ///< rows of q or k
};

void add_block_slots(const ModelConfig& config, std::uint32_t block, std::vector<Slot>& slots) {
  const std::vector<std::uint64_t> norm_shape{config->hidden};
  slots.push_back({gguf_block_tensor(block, "attn_norm.weight"), norm_shape,
                   [block](Model& m) { return std::span{m.client.attention_norm[block]}; }});
  slots.push_back({gguf_block_tensor(block, "ffn_norm.weight"), norm_shape,
                   [block](Model& m) { return std::span{m.client.ffn_norm[block]}; }});
  for (std::size_t i = 0; i < lora_target_count; ++i) {
    const auto target = static_cast<LoraTarget>(i);
    const LoraTargetShape shape = lora_target_shape(config, target);
    const bool is_rotated = target == LoraTarget::q || target == LoraTarget::k;
    const std::string stem = gguf_block_tensor(block, gguf_module(target));
    slots.push_back({stem + ".weight",
                     {shape.out, shape.in},
                     [block, shape](Model& m) {
                       return m.base.at({block, shape.group})
                           .values()
                           .subspan(shape.row_begin * shape.in, shape.out * shape.in);
                     },
                     is_rotated});
    if (!config->qkv_bias || shape.group != LinearGroup::qkv) continue;
    slots.push_back({stem + ".bias",
                     {shape.out},
                     [block, shape](Model& m) {
                       return std::span{m.client.qkv_bias[block]}.subspan(shape.row_begin,
                                                                          shape.out);
                     },
                     is_rotated});
  }
}

/// Every tensor of a model of this shape: a list for each block, then what is outside of blocks.
std::vector<std::vector<Slot>> slots_of(const ModelConfig& config) {
  std::vector<std::vector<Slot>> all(config->blocks + 1);
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    add_block_slots(config, block, all[block]);
  }
  const std::vector<std::uint64_t> vocab_shape{config->vocab, config->hidden};
  std::vector<Slot>& slots = all.back();
  slots.push_back(
      {"token_embd.weight", vocab_shape, [](Model& m) { return m.client.embedding.values(); }});
  slots.push_back({"output_norm.weight", {config->hidden}, [](Model& m) {
                     return std::span{m.client.final_norm};
                   }});
  if (!config->tied_head) {
    slots.push_back(
        {"output.weight", vocab_shape, [](Model& m) { return m.client.head.values(); }});
  }
  return all;
}

/// The row of a head in rotate_half's order that row `row` of interleaved pairs is.
std::size_t halves_row(std::size_t row, std::size_t head_dim) {
  const std::size_t within = row % head_dim;
  return row - within + within % 2 * (head_dim / 2) + within / 2;
}

/// Rows [begin, begin + count) of one tensor; of a vector, its only row.
struct Piece {
  const GgufTensors::value_type* tensor;
  std::span<float> out;  ///< of the whole tensor
  bool is_turned;        ///< rows go into the order of rotate_half
  std::size_t begin, count;
};

std::size_t columns_of(const GgufTensors::value_type& tensor) {
  return static_cast<std::size_t>(tensor.second.shape.back());
}

Status read_piece(const GgufFile& file, std::size_t head_dim, const Piece& piece) {
  const std::size_t columns = columns_of(*piece.tensor);
  const std::span<float> out = piece.out;
  if (!piece.is_turned) {
    return file.read_rows(*piece.tensor, piece.begin,
                          out.subspan(piece.begin * columns, piece.count * columns));
  }
  if (piece.tensor->second.shape.size() == 1) {
    std::vector<float> values(out.size());
    HIPPOCRYPT_TRY_VOID(file.read_rows(*piece.tensor, 0, values));
    for (std::size_t i = 0; i < out.size(); ++i) out[halves_row(i, head_dim)] = values[i];
    return {};
  }
  for (std::size_t row = piece.begin; row < piece.begin + piece.count; ++row) {
    const auto place = out.subspan(halves_row(row, head_dim) * columns, columns);
    HIPPOCRYPT_TRY_VOID(file.read_rows(*piece.tensor, row, place));
  }
  return {};
}

/// Fills a part of the model, all tensors' pieces in one run. Of several errors the first piece's
/// is given.
Status read_tensors(const GgufFile& file, const std::vector<Slot>& slots, bool is_interleaved,
                    std::size_t threads, Model& model) {
  std::vector<Piece> pieces;
  for (const Slot& slot : slots) {
    const auto& tensor = *file.tensors().find(slot.name);
    const std::span<float> out = slot.values(model);
    const std::size_t rows = out.size() / columns_of(tensor);
    const std::size_t width = std::max<std::size_t>(1, piece_values / columns_of(tensor));
    for (std::size_t begin = 0; begin < rows; begin += width) {
      pieces.push_back(
          {&tensor, out, slot.is_rotated && is_interleaved, begin, std::min(width, rows - begin)});
    }
  }
  std::mutex mutex;
  std::optional<Error> failure;
  std::size_t failed = pieces.size();
  run_pieces(pieces.size(), threads, [&](std::size_t index, std::size_t) {
    auto read = read_piece(file, model.config->head_dim, pieces[index]);
    if (read.has_value()) return;
    const std::scoped_lock lock{mutex};
    if (index >= failed) return;
    failed = index;
    failure = std::move(read).error();
  });
  if (failure.has_value()) return *std::move(failure);
  return {};
}

Error unsupported_error(const GgufFile& file, const std::vector<std::string>& reasons) {
  std::string text = file.source() + ": this model is not supported: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i == 0 ? "" : "; ") + reasons[i];
  return Error{Errc::unsupported, text + ". Use a Llama, Mistral or Qwen2 model"};
}

}  // namespace

Result<Model> load_gguf_model(const GgufFile& file, std::size_t threads, const BlockSink& sink) {
  HIPPOCRYPT_TRY(GgufConfig read, read_gguf_config(file));
  if (!read.unsupported.empty()) return unsupported_error(file, read.unsupported);
  HIPPOCRYPT_TRY(const ModelConfig config, ModelConfig::create(std::move(read.literal)));
  const std::vector<std::vector<Slot>> slots = slots_of(config);
  for (const auto& part : slots) {
    for (const Slot& slot : part) HIPPOCRYPT_TRY_VOID(file.expect(slot.name, slot.shape));
  }
  Model model{config, {}, zero_client_weights<float>(config)};
  model.base.blocks.resize(config->blocks);
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    model.base.blocks[block] = zero_block_weights(config);
    HIPPOCRYPT_TRY_VOID(read_tensors(file, slots[block], read.interleaved, threads, model));
    if (sink) sink(config, block, model.base.blocks[block]);
  }
  HIPPOCRYPT_TRY_VOID(read_tensors(file, slots.back(), read.interleaved, threads, model));
  return model;
}

Result<Model> load_gguf_model(const std::filesystem::path& path, std::uint64_t limit_bytes,
                              std::size_t threads, const BlockSink& sink) {
  HIPPOCRYPT_TRY(const GgufFile file, GgufFile::open(path, limit_bytes));
  return load_gguf_model(file, threads, sink);
}

Result<ModelConfig> load_gguf_config(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const GgufFile file, GgufFile::open(path));
  HIPPOCRYPT_TRY(GgufConfig read, read_gguf_config(file));
  if (!read.unsupported.empty()) return unsupported_error(file, read.unsupported);
  return ModelConfig::create(std::move(read.literal));
}

}  // namespace hippocrypt::model
