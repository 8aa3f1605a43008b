#pragma once
// The eight examples of the reference, trained on through an oracle of any kind.

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "cli/session/oracle_session.hpp"
#include "federation/client/local_trainer.hpp"
#include "model/files/adapter_file.hpp"
#include "model/files/adapter_lora.hpp"
#include "model/unit_gradient.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/integration/real_model.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::test_support {

inline std::vector<model::AdapterTensor> reference_tensors(const char* name) {
  return model::read_adapter_tensors(models_folder / "reference" / name, 8).value();
}

/// The start of the reference: rank 8, alpha 16, all seven matrices, B not zero.
inline model::LoraAdapter reference_adapter(const model::ModelConfig& config) {
  model::AdapterFolder folder;
  folder.config.rank = 8;
  folder.config.alpha = 16;
  folder.config.target_modules = {"down_proj", "gate_proj", "k_proj", "o_proj",
                                  "q_proj",    "up_proj",   "v_proj"};
  folder.tensors = reference_tensors("adapter_init.safetensors");
  return model::to_lora_adapter(folder, config).value();
}

inline std::vector<federation::DataUnit> reference_units(const model::Json& training) {
  std::vector<federation::DataUnit> units;
  for (const auto& example : training.at("examples")) {
    federation::TokenSequence sequence;
    sequence.tokens = example.get<std::vector<std::uint32_t>>();
    sequence.learned.assign(sequence.tokens.size(), true);
    sequence.learned.front() = false;
    units.push_back({{std::move(sequence)}});
  }
  return units;
}

/// The model, its oracle and the reference's data.
struct RealTraining {
  explicit RealTraining(federation::OracleKind kind)
      : model{model::open_weights(real_model_path.string()).value()},
        reference(reference_json("training.json")),  // braces would make it an array
        adapter{reference_adapter(model.config)},
        units{reference_units(reference)} {
    cli::OracleSession::Options options;
    options.encryption.oracle = kind;
    options.client_threads = test_threads();
    options.spec = real_model_path.string();
    options.residuals =
        federation::residuals_for(options.encryption, model, options.client_threads).value();
    session = cli::OracleSession::create(options, model.config, std::move(model.base)).value();
    session->set_capacity(0);
  }
  RealTraining(const RealTraining&) = delete;
  RealTraining& operator=(const RealTraining&) = delete;

  /// One forward and backward over all examples, each with the mean of its own losses.
  struct FirstStep {
    std::vector<double> losses;
    std::vector<std::vector<float>> gradients;
  };
  FirstStep first_step() {
    const model::Transformer transformer{
        model.config, model.client, session->oracle(), {.threads = test_threads()}};
    model::Batch batch;
    for (const auto& unit : units) {
      federation::append_sequences(
          batch, unit.sequences,
          1.0F / static_cast<float>(federation::predicted_tokens(unit.sequences)));
    }
    const auto step = transformer.forward_backward(batch, adapter, model::Trainable::both).value();
    FirstStep out;
    for (const auto& span : batch.sequences) {
      double loss = 0;
      for (std::size_t t = span.begin; t < span.begin + span.count; ++t) {
        loss += static_cast<double>(step.report.nll[t]);
      }
      out.losses.push_back(loss / static_cast<double>(span.count - 1));
      out.gradients.emplace_back(
          model::trainable_count(model.config, adapter.config(), model::Trainable::both));
      model::unit_gradient<float>(step.tape, {&span, 1}, out.gradients.back(), test_threads());
    }
    return out;
  }

  /// Ten AdamW steps of a hospital's own trainer without noise: every example in every lot, no
  /// clipping. Gives the losses before each step and the adapter after all.
  std::pair<std::vector<double>, model::LoraAdapter> train(std::uint64_t steps) {
    const TemporaryFolder folder;
    auto ledger = privacy::Ledger::open(folder.path() / "ledger.sqlite").value();
    privacy::SeededUniformSource sampler{SeededSequence{1, "reference"}};
    SystemRandom noise;
    privacy::DpSgdParams params;
    params.sampling_rate = 1;
    params.clip = 1e30;
    params.expected_lot = static_cast<double>(units.size());
    params.delta = 1e-5;
    params.budget = std::numeric_limits<double>::infinity();
    auto engine = privacy::PrivacyEngine::create(
                      params, ledger, {{}, privacy::PrivacyUnit::note, units.size()},
                      {"reference", "reference", "test"}, sampler, noise, [] { return 0; })
                      .value();
    federation::LocalTrainerOptions options;
    const auto& optimizer = reference.at("optimizer");
    options.training.learning_rate = optimizer.at("lr").get<double>();
    options.training.beta1 = optimizer.at("betas").at(0).get<double>();
    options.training.beta2 = optimizer.at("betas").at(1).get<double>();
    options.training.epsilon = optimizer.at("eps").get<double>();
    options.training.weight_decay = optimizer.at("weight_decay").get<double>();
    options.room = {1, 2048, 256};
    options.total_steps = steps;
    options.trainable = model::Trainable::both;
    options.threads = test_threads();
    const auto trainer =
        federation::LocalTrainer::create(
            {options, model.config, model.client, session->oracle(), adapter, units, engine})
            .value();
    std::vector<float> values(
        model::trainable_count(model.config, adapter.config(), model::Trainable::both));
    model::gather<float>(adapter, model::Trainable::both, values);
    std::vector<double> losses;
    const std::atomic<bool> never{false};
    const Status status =
        trainer->take_steps({1, 0, steps}, values, never,
                            [&losses](const auto& report) { losses.push_back(report.loss); });
    EXPECT_TRUE(status) << status.error().detail;
    return {std::move(losses), trainer->adapter_of(values)};
  }

  model::Model model;  // its base weights are with the oracle
  model::Json reference;
  model::LoraAdapter adapter;
  std::vector<federation::DataUnit> units;
  std::unique_ptr<cli::OracleSession> session;
};

/// Σ over pairs of values.
struct Agreement {
  double ab = 0, aa = 0, bb = 0, largest_difference = 0;
  void add(const Matrix& a, const Matrix& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double x = static_cast<double>(a.values()[i]), y = static_cast<double>(b.values()[i]);
      ab += x * y;
      aa += x * x;
      bb += y * y;
      largest_difference = std::max(largest_difference, std::abs(x - y));
    }
  }
  double cosine() const { return ab / std::sqrt(aa * bb); }
};

/// All of an adapter's tensors beside those of a reference file, and the worst of them.
struct AdapterAgreement {
  Agreement whole;
  double worst = 1;
  std::string worst_name;

  AdapterAgreement(const model::LoraAdapter& own, const char* file) {
    std::map<std::pair<std::size_t, std::string>, model::AdapterTensor> mine;
    for (auto& tensor : model::to_adapter_folder(own, "").tensors) {
      mine.emplace(std::pair{tensor.block, tensor.module}, std::move(tensor));
    }
    for (const auto& theirs : reference_tensors(file)) {
      const auto& tensor = mine.at({theirs.block, theirs.module});
      compare(tensor.a, theirs.a, theirs, "A");
      compare(tensor.b, theirs.b, theirs, "B");
    }
  }

 private:
  void compare(const Matrix& mine, const Matrix& theirs, const model::AdapterTensor& at,
               const char* factor) {
    Agreement here;
    here.add(mine, theirs);
    whole.add(mine, theirs);
    if (here.cosine() >= worst) return;
    worst = here.cosine();
    worst_name = "block " + std::to_string(at.block) + " " + at.module + " " + factor;
  }
};

}  // namespace hippocrypt::test_support
