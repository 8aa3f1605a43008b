#include "model/pretrain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include "base/random.hpp"
#include "model/batch.hpp"
#include "model/optimizer.hpp"
#include "model/schedule.hpp"
#include "model/trainable_oracle.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::model {
namespace {

using Sequences = std::vector<std::vector<std::uint32_t>>;

void fill_normal(std::uint64_t seed, std::string_view purpose, double std, Matrix& out) {
  SeededSequence random{seed, purpose};
  for (float& value : out.values()) value = static_cast<float>(std * random.normal());
}

/// One tensor of the model, seen as values.
struct Tensor {
  std::span<float> values;
  bool decays;
};

/// Every tensor in a fixed order; of a gradient the same order.
std::vector<Tensor> tensors_of(BaseWeights& base, ClientWeights& client) {
  std::vector<Tensor> out;
  out.push_back({client.embedding.values(), true});
  for (std::size_t b = 0; b < base.blocks.size(); ++b) {
    for (Matrix& matrix : base.blocks[b]) out.push_back({matrix.values(), true});
    out.push_back({client.attention_norm[b], false});
    out.push_back({client.ffn_norm[b], false});
    if (!client.qkv_bias.empty()) out.push_back({client.qkv_bias[b], false});
  }
  out.push_back({client.final_norm, false});
  out.push_back({client.head.values(), true});  // empty when tied
  return out;
}

/// The gradient of one shard and what computes it.
struct Shard {
  explicit Shard(const Model& model)
      : base{zero_base_weights<float>(model.config)},
        client{zero_client_weights<float>(model.config)},
        oracle{model.base, base},
        transformer{model.config, model.client, oracle},
        tensors{tensors_of(base, client)} {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void run(const Batch& batch) {
    for (const Tensor& tensor : tensors) {
      std::fill(tensor.values.begin(), tensor.values.end(), 0.0F);
    }
    report = transformer.forward_backward_weights(batch, client);
  }

  BaseWeights base;
  ClientWeights client;
  TrainableOracleT<float> oracle;
  Transformer transformer;
  std::vector<Tensor> tensors;
  Result<LossReport> report = LossReport{};
};

/// Hands out sequences in a new random order every epoch.
class Deck {
 public:
  Deck(const Sequences& sequences, std::uint64_t seed)
      : sequences_{sequences}, random_{seed, "pretraining order"}, order_(sequences.size()) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  }
  const std::vector<std::uint32_t>& next() {
    if (at_ == 0) {
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[static_cast<std::size_t>(random_.below(i))]);
      }
    }
    const std::size_t index = order_[at_];
    at_ = (at_ + 1) % order_.size();
    return sequences_[index];
  }

 private:
  const Sequences& sequences_;
  SeededSequence random_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0;
};

Status check_options(const PretrainOptions& options) {
  const auto positive = [](double value) { return value > 0.0 && std::isfinite(value); };
  if (options.batch_tokens == 0 || options.batch_tokens > (std::size_t{1} << 24)) {
    return Error{Errc::out_of_range, "batch_tokens must be 1 to 16777216"};
  }
  if (options.shards == 0 || options.shards > 256 || options.threads == 0 ||
      options.threads > 256) {
    return Error{Errc::out_of_range, "shards and threads must be 1 to 256"};
  }
  if (options.steps == 0 && !(positive(options.epochs) && options.epochs <= 1e6)) {
    return Error{Errc::out_of_range, "without steps, epochs must be above 0, at most 1000000"};
  }
  if (!positive(options.learning_rate) || !positive(options.clip_norm) ||
      !positive(options.initial_std)) {
    return Error{Errc::out_of_range,
                 "learning_rate, clip_norm and initial_std must be numbers above 0"};
  }
  if (!(options.floor_fraction >= 0.0 && options.floor_fraction <= 1.0)) {
    return Error{Errc::out_of_range, "floor_fraction must be 0 to 1"};
  }
  return {};
}

/// Sequences of 2 to max_context tokens; a longer one is cut into several.
Result<Sequences> usable_sequences(const ModelConfig& config, const Sequences& sequences) {
  Sequences out;
  for (const auto& sequence : sequences) {
    for (const std::uint32_t token : sequence) {
      if (token < config->vocab) continue;
      return Error{Errc::out_of_range,
                   fmt::format("token {} is outside the vocabulary of {}", token, config->vocab)};
    }
    for (std::size_t begin = 0; begin + 1 < sequence.size(); begin += config->max_context) {
      const std::size_t count = std::min(config->max_context, sequence.size() - begin);
      const auto part = std::span{sequence}.subspan(begin, count);
      if (count >= 2) out.emplace_back(part.begin(), part.end());
    }
  }
  if (out.empty()) {
    return Error{Errc::out_of_range, "no sequence has two tokens, so there is nothing to predict"};
  }
  return out;
}

/// batch_tokens of whole sequences, spread over the shards, each to the shard that has least.
std::vector<Batch> draw_batches(Deck& deck, const PretrainOptions& options) {
  std::vector<const std::vector<std::uint32_t>*> drawn;
  std::size_t predictions = 0;
  for (std::size_t tokens = 0; tokens < options.batch_tokens;) {
    drawn.push_back(&deck.next());
    tokens += drawn.back()->size();
    predictions += drawn.back()->size() - 1;
  }
  const float weight = static_cast<float>(1.0 / static_cast<double>(predictions));
  std::vector<Batch> batches(options.shards);
  for (const auto* sequence : drawn) {
    const auto least = std::min_element(
        batches.begin(), batches.end(),
        [](const Batch& a, const Batch& b) { return a.tokens.size() < b.tokens.size(); });
    append_sequence(*least, *sequence, weight);
  }
  return batches;
}

class Trainer {
 public:
  Trainer(const ModelConfig& config, const PretrainOptions& options)
      : options_{options}, model_{initial_model(config, options.seed, options.initial_std)} {
    for (std::size_t i = 0; i < options.shards; ++i) {
      shards_.push_back(std::make_unique<Shard>(model_));
    }
    tensors_ = tensors_of(model_.base, model_.client);
  }
  Trainer(const Trainer&) = delete;  // shards point at model_
  Trainer& operator=(const Trainer&) = delete;

  Status prepare() {
    for (const Tensor& tensor : tensors_) {
      const AdamWOptions adam{.beta1 = 0.9,
                              .beta2 = options_.beta2,
                              .epsilon = 1e-8,
                              .weight_decay = tensor.decays ? options_.weight_decay : 0.0};
      HIPPOCRYPT_TRY(AdamW optimizer, AdamW::create(adam, tensor.values.size()));
      optimizers_.push_back(std::move(optimizer));
    }
    return {};
  }

  /// Fills loss and gradient_norm of `progress`.
  Status step(const std::vector<Batch>& batches, PretrainProgress& progress) {
    run_shards(batches);
    progress.loss = 0.0;
    for (const auto& shard : shards_) {
      if (!shard->report.has_value()) return shard->report.error();
      progress.loss += shard->report->weighted_nll;
    }
    progress.gradient_norm = std::sqrt(add_gradients());
    if (!std::isfinite(progress.loss) || !std::isfinite(progress.gradient_norm)) {
      return Error{Errc::not_finite, fmt::format("the loss diverged at step {}: lower the learning "
                                                 "rate or lengthen the warm-up",
                                                 progress.step)};
    }
    const double factor = std::min(1.0, options_.clip_norm / (progress.gradient_norm + 1e-12));
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const std::span<float> gradient = shards_.front()->tensors[i].values;
      for (float& value : gradient) value *= static_cast<float>(factor);
      optimizers_[i].step(tensors_[i].values, gradient, progress.learning_rate);
    }
    return {};
  }

  Model take() { return std::move(model_); }

 private:
  void run_shards(const std::vector<Batch>& batches) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < shards_.size(); i = next++) shards_[i]->run(batches[i]);
    };
    std::vector<std::thread> helpers;
    const std::size_t count = std::min(options_.threads, shards_.size());
    for (std::size_t i = 1; i < count; ++i) helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
  }

  /// Adds the gradients of the other shards to the first one's; returns the squared norm.
  double add_gradients() {
    double squared = 0.0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const std::span<float> sum = shards_.front()->tensors[i].values;
      for (std::size_t s = 1; s < shards_.size(); ++s) {
        const std::span<const float> more = shards_[s]->tensors[i].values;
        for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += more[j];
      }
      for (const float value : sum) {
        squared += static_cast<double>(value) * static_cast<double>(value);
      }
    }
    return squared;
  }

  const PretrainOptions& options_;
  Model model_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Tensor> tensors_;
  std::vector<AdamW> optimizers_;
};

std::size_t step_count(const Sequences& sequences, const PretrainOptions& options) {
  if (options.steps != 0) return options.steps;
  std::size_t tokens = 0;
  for (const auto& sequence : sequences) tokens += sequence.size();
  const double steps =
      options.epochs * static_cast<double>(tokens) / static_cast<double>(options.batch_tokens);
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(steps)));
}

}  // namespace

Model initial_model(const ModelConfig& config, std::uint64_t seed, double std) {
  Model model{config, zero_base_weights<float>(config), zero_client_weights<float>(config)};
  const double residual_std = std / std::sqrt(2.0 * static_cast<double>(config->blocks));
  for (std::size_t b = 0; b < config->blocks; ++b) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      const auto group = static_cast<LinearGroup>(g);
      const bool residual = group == LinearGroup::attention_out || group == LinearGroup::down;
      fill_normal(seed, fmt::format("initial block {} {}", b, to_string(group)),
                  residual ? residual_std : std, model.base.blocks[b][g]);
    }
    std::fill(model.client.attention_norm[b].begin(), model.client.attention_norm[b].end(), 1.0F);
    std::fill(model.client.ffn_norm[b].begin(), model.client.ffn_norm[b].end(), 1.0F);
  }
  std::fill(model.client.final_norm.begin(), model.client.final_norm.end(), 1.0F);
  fill_normal(seed, "initial embedding", std, model.client.embedding);
  fill_normal(seed, "initial head", std, model.client.head);
  return model;
}

Result<Model> pretrain(const ModelConfig& config, const Sequences& sequences,
                       const PretrainOptions& options,
                       const std::function<void(const PretrainProgress&)>& progress) {
  using Clock = std::chrono::steady_clock;
  HIPPOCRYPT_TRY_VOID(check_options(options));
  HIPPOCRYPT_TRY(const Sequences usable, usable_sequences(config, sequences));
  Trainer trainer{config, options};
  HIPPOCRYPT_TRY_VOID(trainer.prepare());
  Deck deck{usable, options.seed};
  const std::size_t steps = step_count(usable, options);
  HIPPOCRYPT_TRY(const Schedule schedule,
                 Schedule::create({ScheduleKind::cosine, options.learning_rate,
                                   options.floor_fraction, options.warmup_steps, steps}));
  auto before = Clock::now();
  for (std::size_t step = 0; step < steps; ++step) {
    const std::vector<Batch> batches = draw_batches(deck, options);
    PretrainProgress now{step, steps, 0.0, schedule.at(step), 0.0, 0.0};
    HIPPOCRYPT_TRY_VOID(trainer.step(batches, now));
    if (!progress) continue;
    std::size_t tokens = 0;
    for (const Batch& batch : batches) tokens += batch.tokens.size();
    const auto after = Clock::now();
    now.tokens_per_second =
        static_cast<double>(tokens) / std::chrono::duration<double>(after - before).count();
    before = after;
    progress(now);
  }
  return trainer.take();
}

}  // namespace hippocrypt::model
