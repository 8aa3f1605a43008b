#include "benchmarks/training_rig.hpp"

#include <chrono>
#include <utility>

#include "benchmarks/shaped_model.hpp"
#include "model/files/open_weights.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t rank = 8;
constexpr double learning_rate = 1e-4;

model::LoraConfig all_targets(const model::ModelConfig& config) {
  using model::LoraTarget;
  model::LoraLiteral literal;
  literal.rank = rank;
  literal.targets = {LoraTarget::q,    LoraTarget::k,  LoraTarget::v,   LoraTarget::o,
                     LoraTarget::gate, LoraTarget::up, LoraTarget::down};
  return model::LoraConfig::create(literal, config).value();
}

}  // namespace

model::LoraAdapter trained_adapter(const model::ModelConfig& config) {
  model::LoraAdapter adapter =
      model::initial_adapter(config, all_targets(config), model::LoraInit::kaiming_uniform, 1);
  for (std::size_t b = 0; b < adapter.blocks(); ++b) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      for (float& value : adapter.at(b, i).b.values()) value = 1e-3F;
    }
  }
  return adapter;
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TrainingRig::TrainingRig(model::ModelConfig config, model::ClientWeights client,
                         std::size_t threads)
    : config_{std::move(config)},
      client_{std::move(client)},
      threads_{threads},
      adapter_{trained_adapter(config_)},
      values_(model::trainable_count(config_, adapter_.config(), model::Trainable::both)),
      optimizer_{model::AdamW::create({}, values_.size()).value()} {
  model::gather<float>(adapter_, model::Trainable::both, values_);
}

Result<std::unique_ptr<TrainingRig>> TrainingRig::create(const model::ModelLiteral& shape,
                                                         const Options& options) {
  const auto threads = static_cast<std::size_t>(options.threads);
  if (options.model.empty()) {
    HIPPOCRYPT_TRY(const auto config, model::ModelConfig::create(shape));
    std::unique_ptr<TrainingRig> rig{new TrainingRig{config, random_client(config), threads}};
    HIPPOCRYPT_TRY_VOID(rig->start(
        [config]() -> Result<protocol::ServedWeights> {
          return protocol::ServedWeights::of(config, random_base(config));
        },
        options));
    return rig;
  }
  HIPPOCRYPT_TRY(model::Model model, model::open_weights(options.model));
  std::unique_ptr<TrainingRig> rig{new TrainingRig{model.config, std::move(model.client), threads}};
  HIPPOCRYPT_TRY_VOID(
      rig->start([served = protocol::ServedWeights::of(model.config, std::move(model.base))]()
                     -> Result<protocol::ServedWeights> { return served; },
                 options));
  return rig;
}

Status TrainingRig::start(protocol::Deployment::WeightSource weights, const Options& options) {
  const auto params = crypto::Params::named("rlwe2048").value();
  HIPPOCRYPT_TRY(auto deployment,
                 protocol::Deployment::create(config_, std::move(weights),
                                              {.params = params,
                                               .threads = options.threads,
                                               .cache = options.hint_cache,
                                               .tiles_per_nonce = params.max_tiles_per_nonce()},
                                              random_));
  deployment_ = std::move(deployment);
  transport_ = std::make_unique<protocol::InProcessTransport>(deployment_);
  HIPPOCRYPT_TRY(setup_, protocol::ServerSetup::fetch(*transport_, params, config_));
  timer_ = std::make_unique<PhaseTimer>(seconds_now);
  oracle_ = std::make_unique<protocol::EncryptedOracle>(
      setup_, *transport_, random_,
      protocol::EncryptedOracle::Options{
          .tile_tokens = params.ring_dim(), .threads = threads_, .timer = timer_.get()});
  return {};
}

model::Batch TrainingRig::batch(std::size_t sequences, std::size_t length) const {
  SeededSequence random{1, "benchmark tokens"};
  model::Batch batch;
  const auto weight = static_cast<float>(1.0 / static_cast<double>(sequences * length));
  for (std::size_t s = 0; s < sequences; ++s) {
    std::vector<std::uint32_t> tokens(length);
    for (auto& token : tokens) token = static_cast<std::uint32_t>(random.below(config_->vocab));
    model::append_sequence(batch, tokens, weight);
  }
  return batch;
}

Result<TrainingRig::StepTimes> TrainingRig::step(const model::Batch& batch) {
  constexpr auto both = model::Trainable::both;
  const auto before = timer_->seconds();
  const double start = seconds_now();
  const model::Transformer transformer{config_, client_, *oracle_, {threads_, timer_.get()}};
  HIPPOCRYPT_TRY(const model::Step step, transformer.forward_backward(batch, adapter_, both));
  std::vector<float> gradient(values_.size());
  {
    const PhaseTimer::Span span{timer_.get(), "adapter"};
    model::unit_gradient<float>(step.tape, batch.sequences, gradient, threads_);
    optimizer_.step(values_, gradient, learning_rate);
    model::scatter<float>(values_, both, adapter_);
  }
  StepTimes times{timer_->seconds(), seconds_now() - start, step.report.weighted_nll};
  double known = 0;
  for (auto& [phase, seconds] : times.phases) {
    const auto found = before.find(phase);
    if (found != before.end()) seconds -= found->second;
    known += seconds;
  }
  times.phases["other"] = times.total - known;
  return times;
}

}  // namespace hippocrypt::bench
