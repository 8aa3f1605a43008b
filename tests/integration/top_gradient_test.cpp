// What the approximate backward costs on the shipped model: its gradient beside the exact one, and
// the training loss and held-out loss that each reaches.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>

#include "federation/client/local_site.hpp"
#include "model/plain_oracle.hpp"
#include "model/source/open_model.hpp"
#include "model/unit_gradient.hpp"
#include "tests/integration/shipped_model.hpp"

namespace hippocrypt {
namespace {

using federation::Backprop;
using test_support::data_folder;

struct Sums {
  double exact = 0, top = 0, both = 0;
  void add(float a, float b) {
    const double x = static_cast<double>(a), y = static_cast<double>(b);
    exact += x * x;
    top += y * y;
    both += x * y;
  }
  double cosine() const { return both / std::sqrt(exact * top); }
};

std::vector<float> gradient(const model::Model& model, const model::LoraAdapter& adapter,
                            model::Backprop backprop) {
  model::PlainFp32Oracle oracle{model.base, 2};
  const model::Transformer transformer{model.config, model.client, oracle, {2, nullptr}};
  const auto batch = test_support::first_patients(model.config);
  const auto step =
      transformer.forward_backward(batch, adapter, model::Trainable::b_only, backprop).value();
  std::vector<float> flat(
      model::trainable_count(model.config, adapter.config(), model::Trainable::b_only));
  model::unit_gradient<float>(step.tape, batch.sequences, flat, 2);
  return flat;
}

/// The adapter that training starts from, on what the approximation can train.
model::LoraAdapter fresh_adapter(const model::ModelConfig& config) {
  const auto lora =
      model::LoraConfig::create({8, 16.0, {model::LoraTarget::o, model::LoraTarget::down}}, config);
  return model::initial_adapter(config, lora.value(), model::LoraInit::orthonormal, 1);
}

TEST(TopGradientTest, PointsMuchTheSameWayAtTheTopAndLessBelow) {
  const auto model = model::load_model_folder(data_folder / "model").value();
  const auto adapter = fresh_adapter(model.config);
  auto exact = adapter, top = adapter;
  const auto exact_flat = gradient(model, adapter, model::Backprop::exact);
  const auto top_flat = gradient(model, adapter, model::Backprop::top_gradient);
  model::scatter<float>(exact_flat, model::Trainable::b_only, exact);
  model::scatter<float>(top_flat, model::Trainable::b_only, top);
  Sums whole;
  std::vector<double> of_block;
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    Sums sums;
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      const auto a = exact.at(block, i).b.values(), b = top.at(block, i).b.values();
      for (std::size_t j = 0; j < a.size(); ++j) {
        sums.add(a[j], b[j]);
        whole.add(a[j], b[j]);
      }
    }
    of_block.push_back(sums.cosine());
    std::printf("block %zu: cosine with the exact gradient %.4f\n", block, sums.cosine());
  }
  std::printf("whole: cosine %.4f, norm %.3f of the exact one\n", whole.cosine(),
              std::sqrt(whole.top / whole.exact));
  EXPECT_GT(of_block.back(), of_block.front());
  EXPECT_GT(of_block.back(), 0.7);
  EXPECT_GT(whole.cosine(), 0.2);
  EXPECT_LT(whole.cosine(), 0.999) << "then it would be no approximation";
}

constexpr std::uint32_t steps = 20;

struct Outcome {
  double before = 0, after = 0;
};

/// 20 steps of plain fine-tuning at st-anna.
Outcome train(Backprop backprop) {
  federation::FederationConfig config;
  config.run = {.name = "top", .seed = 1, .rounds = 1, .steps_per_round = steps};
  config.adapter.targets = {"o", "down"};
  config.training.optimizer = federation::OptimizerKind::adamw;
  config.training.learning_rate = 5e-3;
  config.training.backprop = backprop;
  config.privacy.noise_multiplier = 0;
  config.privacy.sampling_rate = 0.01;
  config.privacy.expected_lot = 6;
  config.encryption.eval_tiles = 1;
  config.privacy.clip = 1e30;
  config.privacy.ledger = federation::LedgerPlace::run;  // not the account of the shipped notes
  config.hospitals.push_back({"st-anna", data_folder / "hospitals" / "st-anna.jsonl"});
  const auto bundle = model::open_model((data_folder / "model").string()).value();
  model::PlainFp32Oracle oracle{bundle.model.base, 2};
  auto plan = federation::make_local_plan(config, 0, {bundle.tokenizer, bundle.special},
                                          bundle.model.config)
                  .value();
  federation::LocalSiteOptions options;
  options.config = std::make_shared<const federation::FederationConfig>(config);
  options.ledger = std::filesystem::path{testing::TempDir()} /
                   ("top_gradient_" + std::to_string(::getpid()) + ".sqlite");
  std::filesystem::remove(options.ledger);
  options.run = "top";
  options.threads = 2;
  const auto site = federation::LocalSite::create(
                        options, bundle.model.config,
                        std::make_shared<const model::ClientWeights>(bundle.model.client),
                        std::move(plan), oracle)
                        .value();
  auto values = site->start_values();
  Outcome outcome;
  outcome.before = site->trainer().evaluate(values, site->heldout()).value();
  const std::atomic<bool> never{false};
  EXPECT_TRUE(site->trainer().take_steps({1, 0, steps}, values, never, [](const auto&) {}));
  outcome.after = site->trainer().evaluate(values, site->heldout()).value();
  std::filesystem::remove(options.ledger);
  return outcome;
}

TEST(TopGradientTest, TrainsButLessThanTheExactGradient) {
  const auto exact = train(Backprop::exact);
  const auto top = train(Backprop::top_gradient);
  std::printf("held-out loss %.4f; after %u steps: exact %.4f, top_gradient %.4f\n", exact.before,
              steps, exact.after, top.after);
  EXPECT_LT(top.after, top.before - 0.002);
  EXPECT_LT(exact.after, top.after);
}

}  // namespace
}  // namespace hippocrypt
