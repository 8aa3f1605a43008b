#include "model/files/gguf/gguf_config.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace hippocrypt::model {
namespace {

constexpr std::string_view embedding_name = "token_embd.weight";
constexpr std::string_view head_name = "output.weight";
constexpr std::string_view rope_divisors_name = "rope_freqs.weight";
/// Of what is not supported, so many phrases are listed.
constexpr std::size_t max_phrases = 16;

constexpr std::array<std::string_view, 2> interleaved_architectures{"llama", "mistral3"};
constexpr std::string_view halves_architecture = "qwen2";

/// Settings of other models that share these architectures; each changes what is computed.
constexpr std::array<std::string_view, 10> foreign_settings{"logit_scale",
                                                            "residual_scale",
                                                            "embedding_scale",
                                                            "attention.scale",
                                                            "attention.clamp_kqv",
                                                            "attn_logit_softcapping",
                                                            "final_logit_softcapping",
                                                            "attention.temperature_scale",
                                                            "attention.temperature_length",
                                                            "rope.scaling.attn_factor"};

constexpr std::array<std::string_view, 9> block_weights{
    "attn_norm.weight", "attn_q.weight",   "attn_k.weight", "attn_v.weight",  "attn_output.weight",
    "ffn_norm.weight",  "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight"};
constexpr std::array<std::string_view, 3> block_biases{"attn_q.bias", "attn_k.bias", "attn_v.bias"};
/// Tables of older files that hold nothing of their own.
constexpr std::string_view rotary_table = "attn_rot_embd.weight";

template <class List>
bool contains(const List& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// "blk.3.attn_q.bias" → "attn_q.bias"; empty for other names.
std::string_view block_part(std::string_view name) {
  constexpr std::string_view prefix = "blk.";
  if (name.substr(0, prefix.size()) != prefix) return {};
  name.remove_prefix(prefix.size());
  const std::size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || name[digits] != '.') return {};
  return name.substr(digits + 1);
}

/// One reading of a file: what several steps need.
class ConfigReader {
 public:
  explicit ConfigReader(const GgufFile& file) : file_{file}, metadata_{file.metadata()} {}

  Result<GgufConfig> read() {
    HIPPOCRYPT_TRY_VOID(read_kind());
    // Another kind of model has other settings, so do not complain about those as well.
    if (out_.unsupported.empty()) {
      HIPPOCRYPT_TRY_VOID(read_shape());
      HIPPOCRYPT_TRY_VOID(read_attention());
      HIPPOCRYPT_TRY_VOID(read_rope());
      list_foreign_settings();
    }
    list_tensors();
    if (out_.unsupported.empty()) {
      HIPPOCRYPT_TRY_VOID(read_tensor_facts());
    }
    return std::move(out_);
  }

 private:
  std::string key(std::string_view rest) const { return architecture_ + "." + std::string{rest}; }
  void refuse(std::string phrase) { out_.unsupported.push_back(std::move(phrase)); }

  Status read_kind() {
    HIPPOCRYPT_TRY(architecture_, metadata_.text("general.architecture"));
    out_.interleaved = contains(interleaved_architectures, architecture_);
    if (!out_.interleaved && architecture_ != halves_architecture) {
      refuse("architecture " + printable(architecture_) + " (llama, mistral3 and qwen2 are)");
    }
    HIPPOCRYPT_TRY(const std::string type, metadata_.text_or("general.type", "model"));
    if (type != "model") refuse("a file of type " + printable(type) + " (only model is)");
    HIPPOCRYPT_TRY(const auto parts, metadata_.unsigned_or("split.count", 1));
    if (parts > 1) {
      refuse("a model split over " + std::to_string(parts) + " files (merge them first)");
    }
    return {};
  }

  /// A size that some architectures give block by block.
  Status read_size(std::string_view rest, std::size_t& out) {
    if (metadata_.is_list(key(rest))) {
      refuse("a list in " + key(rest) + " (blocks of different shapes)");
      return {};
    }
    HIPPOCRYPT_TRY(out, metadata_.unsigned_value(key(rest)));
    return {};
  }

  Status read_shape() {
    ModelLiteral& literal = out_.literal;
    HIPPOCRYPT_TRY_VOID(read_size("embedding_length", literal.hidden));
    HIPPOCRYPT_TRY_VOID(read_size("block_count", literal.blocks));
    HIPPOCRYPT_TRY_VOID(read_size("feed_forward_length", literal.ffn));
    HIPPOCRYPT_TRY_VOID(read_size("context_length", literal.max_context));
    HIPPOCRYPT_TRY_VOID(read_size("attention.head_count", literal.heads));
    literal.kv_heads = literal.heads;
    if (metadata_.has(key("attention.head_count_kv"))) {
      HIPPOCRYPT_TRY_VOID(read_size("attention.head_count_kv", literal.kv_heads));
    }
    HIPPOCRYPT_TRY(literal.rms_epsilon, metadata_.number(key("attention.layer_norm_rms_epsilon")));
    HIPPOCRYPT_TRY(const auto experts, metadata_.unsigned_or(key("expert_count"), 0));
    if (experts > 0) refuse("a mixture of " + std::to_string(experts) + " experts");
    return {};
  }

  Status read_attention() {
    ModelLiteral& literal = out_.literal;
    const std::size_t plain = literal.heads == 0 ? 0 : literal.hidden / literal.heads;
    HIPPOCRYPT_TRY(literal.head_dim, metadata_.unsigned_or(key("attention.key_length"), plain));
    HIPPOCRYPT_TRY(const auto value_length,
                   metadata_.unsigned_or(key("attention.value_length"), literal.head_dim));
    if (value_length != literal.head_dim) refuse("values of another length than keys");
    HIPPOCRYPT_TRY(const auto turned,
                   metadata_.unsigned_or(key("rope.dimension_count"), literal.head_dim));
    if (turned != literal.head_dim) refuse("rotary embedding of a part of each head");
    HIPPOCRYPT_TRY(const bool is_causal, metadata_.flag_or(key("attention.causal"), true));
    if (!is_causal) refuse("attention without a causal mask");
    const std::string window = key("attention.sliding_window");
    if (metadata_.is_list(window)) {
      refuse("sliding-window attention in some blocks");
    } else {
      // Inside the window every token sees all before it: the same as a model without one.
      HIPPOCRYPT_TRY(const auto tokens, metadata_.unsigned_or(window, 0));
      if (tokens != 0) literal.max_context = std::min<std::size_t>(literal.max_context, tokens);
    }
    return {};
  }

  Status read_rope() {
    ModelLiteral& literal = out_.literal;
    HIPPOCRYPT_TRY(literal.rope_theta, metadata_.number_or(key("rope.freq_base"), 10000.0));
    HIPPOCRYPT_TRY(const double older, metadata_.number_or(key("rope.scale_linear"), 1.0));
    HIPPOCRYPT_TRY(const double factor, metadata_.number_or(key("rope.scaling.factor"), older));
    HIPPOCRYPT_TRY(const std::string kind,
                   metadata_.text_or(key("rope.scaling.type"), factor == 1.0 ? "none" : "linear"));
    const bool has_divisors = file_.tensors().contains(rope_divisors_name);
    if (kind == "linear" && has_divisors) {
      refuse("linear rope scaling together with " + std::string{rope_divisors_name});
    } else if (kind == "linear") {
      literal.rope_scaling.kind = RopeScalingKind::linear;
      literal.rope_scaling.factor = factor;
    } else if (kind != "none") {
      refuse("rope scaling of type " + printable(kind));
    } else if (has_divisors) {
      literal.rope_scaling.kind = RopeScalingKind::factors;
    }
    return {};
  }

  void list_foreign_settings() {
    for (const std::string_view setting : foreign_settings) {
      if (metadata_.has(key(setting))) refuse("the setting " + key(setting));
    }
  }

  /// Tensors that this model does not have (leaving them out would silently give another model),
  /// and types that we cannot read.
  void list_tensors() {
    std::set<std::string> unknown;
    std::set<std::string> types;
    for (const auto& [name, tensor] : file_.tensors()) {
      const std::string_view part = block_part(name);
      const bool is_known = name == embedding_name || name == head_name ||
                            name == rope_divisors_name || name == "output_norm.weight" ||
                            contains(block_weights, part) || contains(block_biases, part);
      if (contains(block_biases, part)) out_.literal.qkv_bias = true;
      if (!is_known && part != rotary_table) {
        unknown.insert(printable(part.empty() ? std::string_view{name} : part));
      }
      if (is_known && tensor.type == nullptr) types.insert(ggml_type_name(tensor.type_number));
    }
    for (const auto& type : types) add_phrase("tensors of type " + type);
    for (const auto& name : unknown) add_phrase("tensor " + name);
  }
  void add_phrase(std::string phrase) {
    if (out_.unsupported.size() < max_phrases) refuse(std::move(phrase));
  }

  Status read_tensor_facts() {
    ModelLiteral& literal = out_.literal;
    literal.tied_head = !file_.tensors().contains(head_name);
    // A model may embed more tokens than its tokenizer has, so the tensor decides.
    const auto embedding = file_.tensors().find(embedding_name);
    literal.vocab = embedding == file_.tensors().end() ? 0 : embedding->second.shape.front();
    const std::array<std::uint64_t, 2> wanted{literal.vocab, literal.hidden};
    HIPPOCRYPT_TRY_VOID(file_.expect(embedding_name, wanted));
    if (literal.rope_scaling.kind != RopeScalingKind::factors) return {};
    const std::array<std::uint64_t, 1> pairs{literal.head_dim / 2};
    HIPPOCRYPT_TRY_VOID(file_.expect(rope_divisors_name, pairs));
    // The shape is that of the file now, so this is no larger than the file.
    literal.rope_scaling.divisors.resize(static_cast<std::size_t>(pairs[0]));
    return file_.read_rows(*file_.tensors().find(rope_divisors_name), 0,
                           literal.rope_scaling.divisors);
  }

  const GgufFile& file_;
  const GgufMetadata& metadata_;
  std::string architecture_;
  GgufConfig out_;
};

}  // namespace

Result<GgufConfig> read_gguf_config(const GgufFile& file) { return ConfigReader{file}.read(); }

}  // namespace hippocrypt::model
