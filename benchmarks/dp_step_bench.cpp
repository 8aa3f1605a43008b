// What differential privacy adds to a step: the same forward, backward and optimizer with per-unit
// clipping, rounding, the ledger and noise, and without.

#include <filesystem>
#include <functional>

#include "benchmarks/alternate.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shaped_model.hpp"
#include "benchmarks/training_rig.hpp"
#include "federation/client/lot_gradients.hpp"
#include "model/files/open_weights.hpp"
#include "model/plain_oracle.hpp"
#include "model/unit_gradient.hpp"
#include "privacy/dp_sgd/discrete_gaussian.hpp"
#include "privacy/dp_sgd/privacy_engine.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::bench {
namespace {

constexpr double learning_rate = 1e-4;
constexpr std::uint64_t most_steps = 100'000;

/// Patients of two notes each.
struct LotShape {
  std::size_t units, note_tokens;
};

struct Lot {
  model::Batch batch;
  std::vector<std::vector<model::SequenceSpan>> units;
};

Lot lot_of(const model::ModelConfig& config, LotShape shape) {
  SeededSequence random{1, "benchmark patients"};
  Lot lot;
  for (std::size_t u = 0; u < shape.units; ++u) {
    lot.units.emplace_back();
    for (int note = 0; note < 2; ++note) {
      std::vector<std::uint32_t> tokens(shape.note_tokens);
      for (auto& token : tokens) token = static_cast<std::uint32_t>(random.below(config->vocab));
      model::append_sequence(lot.batch, tokens, 0.5F / static_cast<float>(shape.note_tokens));
      lot.units.back().push_back(lot.batch.sequences.back());
    }
  }
  return lot;
}

/// An engine whose lots hold every unit, over a ledger that is removed afterwards.
class Account {
 public:
  static Result<std::unique_ptr<Account>> create(std::size_t units) {
    const auto folder = std::filesystem::temp_directory_path() /
                        ("hippocrypt-bench-" + std::to_string(SystemRandom{}.next_u64()));
    std::filesystem::create_directories(folder);
    std::unique_ptr<Account> account{new Account{folder}};
    HIPPOCRYPT_TRY(account->ledger_, privacy::Ledger::open(folder / "ledger.sqlite",
                                                           privacy::LedgerMode::create_if_missing));
    privacy::DpSgdParams params;
    params.sampling_rate = 1.0;
    params.noise_multiplier = 1.0;
    params.clip = 0.1;
    params.expected_lot = static_cast<double>(units);
    params.delta = 1e-5;
    params.budget = std::numeric_limits<double>::infinity();
    privacy::DatasetId dataset;
    dataset.units = units;
    HIPPOCRYPT_TRY(account->engine_,
                   privacy::PrivacyEngine::create(
                       params, *account->ledger_, dataset, {"bench", "bench", "0"},
                       account->sampler_, account->random_, [] { return std::int64_t{0}; }));
    HIPPOCRYPT_TRY(account->round_, account->engine_->begin_round(1, most_steps));
    return account;
  }
  ~Account() {
    round_.reset();
    engine_.reset();
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;
  privacy::PrivateRound& round() { return *round_; }

 private:
  explicit Account(std::filesystem::path folder) : folder_{std::move(folder)} {}
  std::filesystem::path folder_;
  SystemRandom random_;
  privacy::SecretUniformSource sampler_{random_};
  std::optional<privacy::Ledger> ledger_;
  std::optional<privacy::PrivacyEngine> engine_;
  std::optional<privacy::PrivateRound> round_;
};

/// One model's training step, in both ways.
class Trainee {
 public:
  Trainee(const model::ModelConfig& config, const model::ClientWeights& client,
          model::LinearOracle& oracle, model::Trainable trainable, LotShape shape,
          std::size_t threads)
      : transformer_{config, client, oracle, {threads}},
        adapter_{trained_adapter(config)},
        trainable_{trainable},
        threads_{threads},
        lot_{lot_of(config, shape)},
        layers_{model::layer_sizes(adapter_, trainable)},
        values_(model::trainable_count(config, adapter_.config(), trainable)),
        gradient_(values_.size()),
        optimizer_{model::AdamW::create({}, values_.size()).value()} {
    model::gather<float>(adapter_, trainable, values_);
  }

  std::size_t size() const { return values_.size(); }

  Status plain_step() {
    HIPPOCRYPT_TRY(const auto step,
                   transformer_.forward_backward(lot_.batch, adapter_, trainable_));
    model::unit_gradient<float>(step.tape, lot_.batch.sequences, gradient_, threads_);
    return move();
  }

  Status private_step(privacy::PrivateRound& round) {
    HIPPOCRYPT_TRY(const auto drawn, round.next_lot());
    HIPPOCRYPT_CHECK(drawn.size() == lot_.units.size());
    HIPPOCRYPT_TRY(const auto step,
                   transformer_.forward_backward(lot_.batch, adapter_, trainable_));
    auto sum = round.accumulator(layers_);
    federation::add_units(step.tape, lot_.units, sum, threads_);
    round.privatize(std::move(sum), gradient_, threads_);
    return move();
  }

 private:
  Status move() {
    optimizer_.step(values_, gradient_, learning_rate);
    model::scatter<float>(values_, trainable_, adapter_);
    return {};
  }

  model::Transformer transformer_;
  model::LoraAdapter adapter_;
  model::Trainable trainable_;
  std::size_t threads_;
  Lot lot_;
  std::vector<std::size_t> layers_;
  std::vector<float> values_, gradient_;
  model::AdamW optimizer_;
};

struct Setup {
  const char* model;
  const char* oracle;
  LotShape shape;
};

Status measure(Section& section, const Setup& setup, const model::ModelConfig& config,
               const model::ClientWeights& client, model::LinearOracle& oracle,
               const Options& options) {
  for (const auto trainable : {model::Trainable::both, model::Trainable::b_only}) {
    Trainee trainee{config,    client,      oracle,
                    trainable, setup.shape, static_cast<std::size_t>(options.threads)};
    HIPPOCRYPT_TRY(const auto account, Account::create(setup.shape.units));
    Status failure;
    const auto keep = [&](Status status) {
      if (!status && failure) failure = std::move(status);
    };
    const auto timings =
        alternate({{"private", [&] { keep(trainee.private_step(account->round())); }},
                   {"plain", [&] { keep(trainee.plain_step()); }}},
                  {options.seconds, 0});
    HIPPOCRYPT_TRY_VOID(failure);
    section.rows.push_back({{"model", setup.model},
                            {"oracle", setup.oracle},
                            {"adapter", trainable == model::Trainable::both ? "lora" : "ffa"},
                            {"values", trainee.size()},
                            {"units", setup.shape.units},
                            {"tokens", 2 * setup.shape.units * setup.shape.note_tokens},
                            {"private_ms", timings[0].median_s * 1e3},
                            {"plain_ms", timings[1].median_s * 1e3},
                            {"ratio", timings[0].median_s / timings[1].median_s},
                            {"runs", timings[0].runs}});
  }
  return {};
}

/// `path` is empty for random weights of SmolLM2's shape.
Status measure_model(Section& section, const char* name, const std::string& path, LotShape shape,
                     Options options) {
  options.model = path;
  {
    HIPPOCRYPT_TRY(const auto rig, TrainingRig::create(small_shape(), options));
    HIPPOCRYPT_TRY_VOID(measure(section, {name, "encrypted", shape}, rig->config(), rig->client(),
                                rig->oracle(), options));
  }
  if (path.empty()) {
    HIPPOCRYPT_TRY(const auto config, model::ModelConfig::create(small_shape()));
    const auto base = random_base(config);
    model::PlainFp32Oracle oracle{base, static_cast<std::size_t>(options.threads)};
    return measure(section, {name, "plain-fp32", shape}, config, random_client(config), oracle,
                   options);
  }
  HIPPOCRYPT_TRY(const model::Model model, model::open_weights(path));
  model::PlainFp32Oracle oracle{model.base, static_cast<std::size_t>(options.threads)};
  return measure(section, {name, "plain-fp32", shape}, model.config, model.client, oracle, options);
}

void measure_noise(Section& section, const Options& options) {
  SystemRandom random;
  std::vector<std::int64_t> values(1'000'000);
  const privacy::DiscreteGaussian noise{random, 26};
  const auto timings =
      alternate({{"one", [&] { noise.add_to(values); }},
                 {"all", [&] { noise.add_to(values, static_cast<std::size_t>(options.threads)); }}},
                {1.0, 0});
  section.notes.push_back(
      "discrete Gaussian, ns a sample: " + std::to_string(timings[0].median_s * 1e3) +
      " on one thread, " + std::to_string(timings[1].median_s * 1e3) + " on all");
}

Section empty_section(const char* name, const char* model, const Options& options) {
  return {.name = name,
          .title = std::string{"a step with DP-SGD beside the same step without, "} + model +
                   ", rank 8 on all matrices, AdamW, " + std::to_string(options.threads) +
                   " threads",
          .columns = {{"model", "model"},
                      {"oracle", "oracle"},
                      {"adapter", "adapter"},
                      {"values", "values"},
                      {"units", "patients"},
                      {"tokens", "tokens"},
                      {"private_ms", "DP, ms", 1},
                      {"plain_ms", "without, ms", 1},
                      {"ratio", "ratio", 3},
                      {"runs", "runs"}}};
}

}  // namespace

Section dp_step_section(const Options& options) {
  Section section = empty_section("dp_step", "the shipped model", options);
  measure_noise(section, options);
  const Status done =
      measure_model(section, "shipped", HIPPOCRYPT_SOURCE_DIR "/data/model", {12, 96}, options);
  if (!done) section.notes.push_back(to_string(done.error()));
  return section;
}

Section dp_step_135m_section(const Options& options) {
  Section section = empty_section("dp_step_135m", "SmolLM2-135M's shape", options);
  const Status done = measure_model(section, "135M", options.model, {8, 128}, options);
  if (!done) section.notes.push_back(to_string(done.error()));
  return section;
}

}  // namespace hippocrypt::bench
