// How an inspection is shown.

#include <fmt/format.h>

#include "cli/commands/model_inspect.hpp"
#include "cli/support/text_table.hpp"
#include "model/tokenizer/chat.hpp"

namespace hippocrypt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t ring_dims[] = {2048, 1024};

const char* family(const model::ModelConfig& config) {
  return config->qkv_bias ? "Qwen2 (biases on queries, keys and values)" : "Llama";
}

const char* kind_name(model::RopeScalingKind kind) {
  switch (kind) {
    case model::RopeScalingKind::none:
      return "none";
    case model::RopeScalingKind::linear:
      return "linear";
    case model::RopeScalingKind::llama3:
      return "llama3";
    case model::RopeScalingKind::factors:
      return "factors";
  }
  check_failed(__FILE__, __LINE__, "rope scaling kind");
}

std::string rope_text(const model::ModelConfig& config) {
  const auto& scaling = config->rope_scaling;
  std::string text =
      fmt::format("theta {:g}, scaling {}", config->rope_theta, kind_name(scaling.kind));
  if (scaling.kind == model::RopeScalingKind::linear ||
      scaling.kind == model::RopeScalingKind::llama3) {
    text += fmt::format(" by {:g}", scaling.factor);
  }
  if (scaling.kind == model::RopeScalingKind::factors) {
    text += fmt::format(" for each of {} pairs", scaling.divisors.size());
  }
  return text;
}

std::string size_text(std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size < 1e6) return fmt::format("{:.1f} kB", size / 1e3);
  return size < 1e9 ? fmt::format("{:.1f} MB", size / 1e6) : fmt::format("{:.2f} GB", size / 1e9);
}

std::string tokenizer_text(const model::Tokenizer& tokenizer) {
  const model::TokenizerParts& parts = tokenizer.parts();
  if (parts.kind == model::TokenizerKind::sentencepiece) return "SentencePiece BPE";
  return fmt::format("byte-level BPE, words as {}", to_string(parts.split));
}

std::string chat_text(const model::ModelBundle& bundle) {
  if (bundle.chat_template.empty()) return "none";
  const auto style = model::detect_chat_style(bundle.chat_template);
  return style ? to_string(style->format) : "a template that is not known";
}

std::string token_text(std::optional<std::uint64_t> id) {
  return id ? std::to_string(*id) : std::string{"none"};
}

/// The reports of one group.
std::vector<MatrixReport> of_group(const std::vector<MatrixReport>& reports,
                                   model::LinearGroup group) {
  std::vector<MatrixReport> out;
  for (const MatrixReport& report : reports) {
    if (report.site.group == group) out.push_back(report);
  }
  return out;
}

std::string facts_text(const model::ModelBundle& bundle) {
  const model::ModelConfig& config = bundle.model.config;
  const ParameterCounts counts = parameter_counts(config);
  const TokenTraffic traffic = token_traffic(config);
  TextTable table{{{"what", Align::left}, {"value", Align::left}}};
  table.add_row({"family", family(config)});
  table.add_row({"blocks", std::to_string(config->blocks)});
  table.add_row({"width", fmt::format("{}, feed-forward {}", config->hidden, config->ffn)});
  table.add_row({"heads", fmt::format("{} of {}, {} for keys and values", config->heads,
                                      config->head_dim, config->kv_heads)});
  table.add_row({"rotary positions", rope_text(config)});
  table.add_row({"longest sequence", fmt::format("{} tokens", config->max_context)});
  table.add_row({"norm epsilon", fmt::format("{:g}", config->rms_epsilon)});
  table.add_row({"output head", config->tied_head ? "the embedding" : "its own weights"});
  table.add_row({"vocabulary", fmt::format("{} rows, tokenizer of {}", config->vocab,
                                           bundle.tokenizer.vocab_size())});
  table.add_row({"tokenizer", tokenizer_text(bundle.tokenizer)});
  table.add_row({"chat format", chat_text(bundle)});
  table.add_row({"special tokens", fmt::format("begin {}, end {}", token_text(bundle.special.bos),
                                               token_text(bundle.special.eos))});
  table.add_row({"parameters",
                 fmt::format("{:.1f} M: {:.1f} M behind the blind server, {:.1f} M at hospitals",
                             static_cast<double>(counts.total()) / 1e6,
                             static_cast<double>(counts.frozen) / 1e6,
                             static_cast<double>(counts.total() - counts.frozen) / 1e6)});
  table.add_row({"int8 weights", size_text(int8_bytes(config))});
  for (const std::size_t ring_dim : ring_dims) {
    const auto bytes = hint_bytes(config, ring_dim);
    table.add_row({fmt::format("hints at N = {}", ring_dim),
                   bytes ? size_text(*bytes) : "more than the protocol's limits"});
  }
  table.add_row(
      {"traffic a token", fmt::format("{} forward, {} a training step",
                                      size_text(traffic.forward()), size_text(traffic.step()))});
  table.add_row({"a step of 2048 tokens", size_text(2048 * traffic.step())});
  return table.str();
}

void add_error_row(TextTable& table, std::string name, const ErrorSummary& summary) {
  const MatrixReport& row = summary.worst_row;
  table.add_row({std::move(name), fmt::format("{:.5f}", summary.relative_frobenius),
                 fmt::format("{:.2g}", summary.max_abs),
                 fmt::format("{:.4f} (block {} {} row {})", row.error.worst_row, row.site.block,
                             model::to_string(row.site.group), row.error.worst_row_index),
                 std::to_string(summary.outlier_channels)});
}

std::string outlier_text(const std::vector<MatrixReport>& reports) {
  std::string text;
  std::size_t count = 0;
  const MatrixReport* worst = nullptr;
  for (const MatrixReport& report : reports) {
    if (report.outliers.count == 0) continue;
    ++count;
    if (worst == nullptr || report.outliers.largest_ratio > worst->outliers.largest_ratio) {
      worst = &report;
    }
  }
  if (worst == nullptr) return text;
  return fmt::format(
      "warning: {} of {} matrices have input channels with weights {:g} times the median "
      "channel's or more,\nwhich make the steps of int8 coarse; the worst is channel {} of block "
      "{} {} with {:.0f} times.\n`hippocrypt model smooth` can even them out before norms (qkv, "
      "gate_up).\n",
      count, reports.size(), model::outlier_ratio, worst->outliers.largest_index, worst->site.block,
      model::to_string(worst->site.group), worst->outliers.largest_ratio);
}

Json matrix_json(const MatrixReport& report) {
  return {{"block", report.site.block},
          {"group", model::to_string(report.site.group)},
          {"rows", report.rows},
          {"cols", report.cols},
          {"relative_frobenius", report.error.relative_frobenius},
          {"max_abs", report.error.max_abs},
          {"worst_row", report.error.worst_row},
          {"worst_row_index", report.error.worst_row_index},
          {"outlier_channels", report.outliers.count},
          {"largest_channel_ratio", report.outliers.largest_ratio},
          {"largest_channel_index", report.outliers.largest_index}};
}

Json summary_json(const ErrorSummary& summary) {
  return {{"relative_frobenius", summary.relative_frobenius},
          {"max_abs", summary.max_abs},
          {"worst_matrix", matrix_json(summary.worst_matrix)},
          {"worst_row", matrix_json(summary.worst_row)},
          {"outlier_channels", summary.outlier_channels}};
}

Json optional_json(std::optional<std::uint64_t> value) { return value ? Json(*value) : Json{}; }

Json shape_json(const model::ModelConfig& config) {
  const auto& scaling = config->rope_scaling;
  Json rope = {{"theta", config->rope_theta}, {"scaling", kind_name(scaling.kind)}};
  if (scaling.kind != model::RopeScalingKind::none) rope["factor"] = scaling.factor;
  return {{"family", config->qkv_bias ? "qwen2" : "llama"},
          {"vocab", config->vocab},
          {"hidden", config->hidden},
          {"blocks", config->blocks},
          {"heads", config->heads},
          {"kv_heads", config->kv_heads},
          {"head_dim", config->head_dim},
          {"ffn", config->ffn},
          {"max_context", config->max_context},
          {"rms_epsilon", config->rms_epsilon},
          {"qkv_bias", config->qkv_bias},
          {"tied_head", config->tied_head},
          {"rope", std::move(rope)}};
}

}  // namespace

std::string inspection_text(const model::ModelBundle& bundle,
                            const std::vector<MatrixReport>& reports, bool every_block) {
  TextTable errors{{{"int8 error", Align::left},
                    {"relative", Align::right},
                    {"largest", Align::right},
                    {"worst row", Align::left},
                    {"outliers", Align::right}}};
  for (std::size_t g = 0; g < model::linear_group_count; ++g) {
    const auto group = static_cast<model::LinearGroup>(g);
    add_error_row(errors, model::to_string(group), summarise(of_group(reports, group)));
  }
  add_error_row(errors, "all", summarise(reports));
  if (every_block) {
    for (const MatrixReport& report : reports) {
      add_error_row(
          errors,
          fmt::format("block {} {}", report.site.block, model::to_string(report.site.group)),
          summarise({report}));
    }
  }
  return bundle.name + "\n\n" + facts_text(bundle) + "\n" + errors.str() + outlier_text(reports);
}

nlohmann::ordered_json inspection_json(const model::ModelBundle& bundle,
                                       const std::vector<MatrixReport>& reports) {
  const model::ModelConfig& config = bundle.model.config;
  const ParameterCounts counts = parameter_counts(config);
  const TokenTraffic traffic = token_traffic(config);
  Json hints = Json::object();
  for (const std::size_t ring_dim : ring_dims) {
    hints[std::to_string(ring_dim)] = optional_json(hint_bytes(config, ring_dim));
  }
  Json groups = Json::object(), matrices = Json::array();
  for (std::size_t g = 0; g < model::linear_group_count; ++g) {
    const auto group = static_cast<model::LinearGroup>(g);
    groups[model::to_string(group)] = summary_json(summarise(of_group(reports, group)));
  }
  for (const MatrixReport& report : reports) matrices.push_back(matrix_json(report));
  return {{"model", bundle.name},
          {"shape", shape_json(config)},
          {"tokenizer_tokens", bundle.tokenizer.vocab_size()},
          {"tokenizer", tokenizer_text(bundle.tokenizer)},
          {"chat_format", chat_text(bundle)},
          {"bos", optional_json(bundle.special.bos)},
          {"eos", optional_json(bundle.special.eos)},
          {"parameters",
           {{"total", counts.total()},
            {"frozen", counts.frozen},
            {"embedding", counts.embedding},
            {"head", counts.head}}},
          {"int8_bytes", int8_bytes(config)},
          {"hint_bytes", std::move(hints)},
          {"token_bytes", {{"forward", traffic.forward()}, {"step", traffic.step()}}},
          {"int8_error",
           {{"all", summary_json(summarise(reports))},
            {"groups", std::move(groups)},
            {"matrices", std::move(matrices)}}}};
}

}  // namespace hippocrypt::cli
