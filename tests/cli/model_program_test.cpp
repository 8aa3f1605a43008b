// The commands that work on models and adapters, on a model folder as a user has it.

#include <cmath>

#include "base/random.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/files/hf_model.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"
#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

class ModelProgramTest : public SimulateProgramTest {
 protected:
  std::filesystem::path model_folder() const { return folder() / "model"; }
  model::Model base() const { return model::load_model_folder(model_folder()).value(); }

  /// An adapter with B different from zero, in the folder "adapter".
  model::LoraAdapter save_adapter() const {
    const model::ModelConfig config = base().config;
    const auto lora = model::LoraConfig::create(
        {2, 3.0, {model::LoraTarget::q, model::LoraTarget::k, model::LoraTarget::down}}, config);
    model::LoraAdapter adapter =
        model::initial_adapter(config, *lora, model::LoraInit::kaiming_uniform, 1);
    SeededSequence random{2, "B"};
    for (std::size_t block = 0; block < adapter.blocks(); ++block) {
      for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
        for (float& value : adapter.at(block, i).b.values()) {
          value = static_cast<float>(0.1 * random.normal());
        }
      }
    }
    EXPECT_TRUE(model::save_lora_adapter(adapter, "model", folder() / "adapter"));
    return adapter;
  }
  static Matrix logits(const model::Model& model, const model::LoraAdapter* adapter) {
    model::PlainFp32Oracle oracle{model.base};
    const model::Transformer transformer{model.config, model.client, oracle};
    model::Batch batch;
    model::append_sequence(batch, std::vector<std::uint32_t>{1, 2, 3, 4, 5}, 1);
    return transformer.logits(batch, adapter, model::LogitPositions::all).value();
  }
  static double largest_difference(const Matrix& a, const Matrix& b) {
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      largest = std::max(largest, std::abs(double{a.values()[i]} - double{b.values()[i]}));
    }
    return largest;
  }
};

TEST_F(ModelProgramTest, MergesBaseAndAdapterIntoAModelWithTheirLogits) {
  const model::LoraAdapter adapter = save_adapter();
  const Outcome outcome =
      run({"merge", "--model", "model", "--adapter", "adapter", "--out", "merged", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto said = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(said.at("text_files").at(0), "tokenizer.json");
  EXPECT_EQ(read_bytes(folder() / "merged" / "tokenizer.json"),
            read_bytes(model_folder() / "tokenizer.json"));
  const auto merged = model::load_model_folder(folder() / "merged");
  ASSERT_TRUE(merged.has_value()) << to_string(merged.error());
  const Matrix wanted = logits(base(), &adapter);
  EXPECT_LT(largest_difference(logits(*merged, nullptr), wanted), 1e-5);
  EXPECT_GT(largest_difference(logits(base(), nullptr), wanted), 1e-3);
  const auto special = model::load_special_token_ids(folder() / "merged");
  EXPECT_EQ(special->eos, model::load_special_token_ids(model_folder())->eos);

  const Outcome narrow = run(
      {"merge", "--model", "model", "--adapter", "adapter", "--out", "narrow", "--dtype", "bf16"});
  ASSERT_EQ(narrow.exit_code, 0) << narrow.err;
  EXPECT_TRUE(contains(narrow.out, "rank 2 added to 3 matrices"));
  EXPECT_LT(std::filesystem::file_size(folder() / "narrow" / "model.safetensors"),
            std::filesystem::file_size(folder() / "merged" / "model.safetensors") * 6 / 10);
}

TEST_F(ModelProgramTest, MergeSaysWhatIsWrongBeforeItWrites) {
  save_adapter();
  expect_refused(run({"merge", "--model", "model", "--adapter", "adapter", "--out", "merged",
                      "--dtype", "int4"}),
                 2, {"--dtype", "f32, f16 or bf16"});
  expect_refused(run({"merge", "--model", "model", "--adapter", "absent", "--out", "merged"}), 1,
                 {"absent/adapter_config.json"});
  expect_refused(run({"merge", "--model", "absent", "--adapter", "adapter", "--out", "merged"}), 1,
                 {"absent"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "merged"));
  expect_refused(run({"merge", "--model", "model", "--adapter", "adapter", "--out", "model"}), 2,
                 {"write to another"});
}

TEST_F(ModelProgramTest, ExportsAnAdapterForLlamaCpp) {
  save_adapter();
  const Outcome outcome = run({"adapter", "export", "--model", "model", "--adapter", "adapter",
                               "--gguf", "adapter.gguf", "--dtype", "f16"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "adapter for llama, rank 2, alpha 3"));
  const std::string bytes = read_bytes(folder() / "adapter.gguf");
  EXPECT_EQ(bytes.substr(0, 4), "GGUF");
  for (const char* part :
       {"adapter.lora.alpha", "blk.0.attn_q.weight.lora_a", "blk.1.ffn_down.weight.lora_b"}) {
    EXPECT_TRUE(contains(bytes, part)) << part;
  }
  const Outcome named =
      run({"adapter", "export", "--model", "model", "--adapter", "adapter", "--gguf",
           "adapter.gguf", "--architecture", "qwen2", "--peft", "again", "--json"});
  ASSERT_EQ(named.exit_code, 0) << named.err;
  EXPECT_EQ(read_bytes(folder() / "again" / "adapter_model.safetensors"),
            read_bytes(folder() / "adapter" / "adapter_model.safetensors"));
  expect_refused(run({"adapter", "export", "--model", "model", "--adapter", "adapter"}), 2,
                 {"--gguf FILE, --peft FOLDER"});
  EXPECT_EQ(nlohmann::json::parse(named.out).at("architecture"), "qwen2");
  expect_refused(run({"adapter", "export", "--model", "model", "--adapter", "adapter", "--gguf",
                      "adapter.gguf", "--architecture", "gpt2"}),
                 1, {"gpt2", "only llama and qwen2"});
}

TEST_F(ModelProgramTest, InspectsShapeCostsAndErrors) {
  const Outcome outcome = run({"model", "inspect", "model", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto said = nlohmann::json::parse(outcome.out);
  const model::ModelConfig config = base().config;
  EXPECT_EQ(said.at("shape").at("hidden"), config->hidden);
  EXPECT_EQ(said.at("shape").at("family"), "llama");
  EXPECT_EQ(said.at("tokenizer"), "byte-level BPE, words as gpt2");
  EXPECT_EQ(said.at("chat_format"), "none");
  std::size_t frozen = 0, hints = 0;
  for (std::size_t g = 0; g < model::linear_group_count; ++g) {
    const auto group = static_cast<model::LinearGroup>(g);
    frozen += config.out_features(group) * config.in_features(group);
    hints += 4 * 2048 * (config.out_features(group) + config.in_features(group));
  }
  EXPECT_EQ(said.at("parameters").at("frozen"), config->blocks * frozen);
  // Row scales and padding come on top of the hints.
  EXPECT_GE(said.at("hint_bytes").at("2048"), config->blocks * hints);
  EXPECT_LE(said.at("hint_bytes").at("2048"), config->blocks * hints * 11 / 10);
  EXPECT_EQ(said.at("int8_error").at("matrices").size(), config->blocks * 4);
  const double error = said.at("int8_error").at("all").at("relative_frobenius");
  EXPECT_GT(error, 0.001);
  EXPECT_LT(error, 0.02);

  const Outcome text = run({"model", "inspect", "model", "--blocks"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  for (const char* part :
       {"hints at N = 2048", "worst row", "block 0 qkv", "family", "byte-level BPE"}) {
    EXPECT_TRUE(contains(text.out, part)) << part;
  }
  EXPECT_FALSE(contains(text.out, "warning"));
  expect_refused(run({"model", "inspect", "absent"}), 1, {"absent"});
}

TEST_F(ModelProgramTest, SmoothsOutlierChannelsThatInspectWarnsOf) {
  model::Model model = base();
  Matrix& weights = model.base.at({1, model::LinearGroup::gate_up});
  for (std::size_t r = 0; r < weights.rows(); ++r) weights(r, 3) *= 100.0F;
  model.client.ffn_norm[1][3] /= 100.0F;
  const auto special = model::load_special_token_ids(model_folder());
  ASSERT_TRUE(model::save_model_folder(model, model_folder(), {.tokens = *special}));
  const Outcome before = run({"model", "inspect", "model"});
  EXPECT_TRUE(contains(before.out, "the worst is channel 3 of block 1 gate_up")) << before.out;

  const Outcome smoothed = run({"model", "smooth", "model", "even", "--strength", "1", "--json"});
  ASSERT_EQ(smoothed.exit_code, 0) << smoothed.err;
  const auto said = nlohmann::json::parse(smoothed.out);
  EXPECT_LT(said.at("relative_frobenius_after"), said.at("relative_frobenius_before"));
  EXPECT_FALSE(contains(run({"model", "inspect", "even"}).out, "warning"));
  const auto even = model::load_model_folder(folder() / "even");
  ASSERT_TRUE(even.has_value()) << to_string(even.error());
  EXPECT_EQ(largest_difference(logits(*even, nullptr), logits(model, nullptr)), 0.0);

  write_bytes(folder() / "text", "Blood pressure 120/80. Discharged home in good condition.");
  const Outcome by_text = run({"model", "smooth", "model", "by_text", "--text", "text"});
  ASSERT_EQ(by_text.exit_code, 0) << by_text.err;
  EXPECT_TRUE(contains(by_text.out, "the same function"));
  EXPECT_EQ(
      largest_difference(logits(model::load_model_folder(folder() / "by_text").value(), nullptr),
                         logits(model, nullptr)),
      0.0);
}

TEST_F(ModelProgramTest, SmoothRefusesWhatCannotBe) {
  expect_refused(run({"model", "smooth", "model", "out", "--strength", "2"}), 2,
                 {"--strength", "not in range"});
  expect_refused(run({"model", "smooth", "model", "out", "--window", "0"}), 2, {"--window"});
  expect_refused(run({"model", "smooth", "model", "out", "--text", "absent"}), 1, {"absent"});
  write_bytes(folder() / "empty", "");
  expect_refused(run({"model", "smooth", "model", "out", "--text", "empty"}), 1, {"no text"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
}

}  // namespace
}  // namespace hippocrypt::cli
