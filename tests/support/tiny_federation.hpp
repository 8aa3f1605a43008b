#pragma once
// A federation small enough for a unit test: a random two-block model, a tokenizer and hospitals of
// synthetic notes, in a folder of its own.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "federation/common/federation_config.hpp"
#include "model/files/hf_model.hpp"
#include "model/pretrain.hpp"
#include "model/tokenizer/bpe_trainer.hpp"
#include "model/tokenizer/tokenizer_json.hpp"
#include "notes/note_file.hpp"
#include "notes/synth/synthesize.hpp"

namespace hippocrypt::test_support {

class TinyFederation {
 public:
  explicit TinyFederation(const std::string& name, std::size_t patients = 24)
      : folder_{std::filesystem::temp_directory_path() /
                ("hippocrypt_" + name + '_' + std::to_string(::getpid()))} {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    write_notes(patients);
    write_model();
    fill_config();
  }
  ~TinyFederation() { std::filesystem::remove_all(folder_); }
  TinyFederation(const TinyFederation&) = delete;
  TinyFederation& operator=(const TinyFederation&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  federation::FederationConfig config;

 private:
  void write_notes(std::size_t patients) {
    const std::vector<std::string> specialities{"cardiology", "oncology", "neurology"};
    for (std::size_t i = 0; i < specialities.size(); ++i) {
      const notes::SynthOptions options{.seed = 50 + i,
                                        .patients = patients,
                                        .specialities = {specialities[i]},
                                        .heldout_share = 0.25,
                                        .id_prefix = "T" + std::to_string(i)};
      const auto written = notes::synthesize(options).value();
      for (const auto& note : written) texts_.push_back(note.text);
      EXPECT_TRUE(notes::write_notes(folder_ / (specialities[i] + ".jsonl"), written));
      config.hospitals.push_back({specialities[i], folder_ / (specialities[i] + ".jsonl"), unset_});
    }
  }
  void write_model() {
    const std::vector<std::string_view> views(texts_.begin(), texts_.end());
    const std::vector<std::string> specials{"<|bos|>", "<|eos|>"};
    const auto tokenizer = model::train_bpe(views, 400, specials).value();
    model::ModelLiteral shape;
    shape.vocab = tokenizer.vocab_size();
    shape.hidden = 32;
    shape.blocks = 2;
    shape.heads = 2;
    shape.kv_heads = 1;
    shape.ffn = 48;
    shape.max_context = 96;
    const auto model = model::initial_model(model::ModelConfig::create(shape).value(), 3, 0.1);
    EXPECT_TRUE(model::save_model_folder(
        model, folder_ / "model",
        {.tokens = {*tokenizer.special("<|bos|>"), *tokenizer.special("<|eos|>")}}));
    EXPECT_TRUE(model::write_tokenizer_json(tokenizer, folder_ / "model" / "tokenizer.json"));
  }
  void fill_config() {
    config.run = {.name = "tiny", .seed = 1, .rounds = 2, .steps_per_round = 2};
    config.model.path = folder_ / "model";
    config.adapter.rank = 4;
    config.training.max_note_tokens = 64;
    config.training.max_patient_tokens = 128;
    config.privacy.sampling_rate = 0.15;
    config.privacy.expected_lot = 4;
    config.privacy.ledger = federation::LedgerPlace::run;
    config.encryption.params = "rlwe1024";
    config.encryption.tile_tokens = 512;
    config.encryption.train_tiles = 4;
    config.encryption.eval_tiles = 1;
    config.server.threads = 1;
    config.secagg.enabled = false;  // tests of it turn it on
  }

  static constexpr double unset_ = std::numeric_limits<double>::quiet_NaN();
  std::filesystem::path folder_;
  std::vector<std::string> texts_;
};

}  // namespace hippocrypt::test_support
