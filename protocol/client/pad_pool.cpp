#include "protocol/client/pad_pool.hpp"

#include <algorithm>
#include <utility>

namespace hippocrypt::protocol {

PadPool::PadPool(std::shared_ptr<const ServerSetup> setup, RandomSource& random,
                 std::size_t limit_bytes)
    : setup_{std::move(setup)}, random_{random}, limit_bytes_{limit_bytes}, worker_{[this] {
        run();
      }} {}

PadPool::~PadPool() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void PadPool::begin(const Call& call) {
  {
    const std::scoped_lock lock{mutex_};
    const CallId id = id_of(call);
    if (current_ != none) successor_[current_] = id;
    current_ = id;
    replan();
  }
  changed_.notify_all();
}

std::optional<crypto::TilePads> PadPool::take() {
  std::optional<crypto::TilePads> pads;
  {
    const std::scoped_lock lock{mutex_};
    const auto found = store_.find(current_);
    if (found == store_.end() || found->second.empty()) return std::nullopt;
    pads.emplace(std::move(found->second.back()));
    found->second.pop_back();
    ++counts_.used;
    replan();
  }
  changed_.notify_all();
  return pads;
}

PadPool::Counts PadPool::counts() const {
  const std::scoped_lock lock{mutex_};
  return counts_;
}

std::size_t PadPool::bytes() const {
  const std::scoped_lock lock{mutex_};
  std::size_t sum = making_ == none ? 0 : bytes_of(calls_[making_]);
  for (const auto& [id, pads] : store_) sum += pads.size() * bytes_of(calls_[id]);
  return sum;
}

void PadPool::wait_until_full() const {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return making_ == none && next_to_make() == none; });
}

PadPool::CallId PadPool::id_of(const Call& call) {
  const auto found = std::find(calls_.begin(), calls_.end(), call);
  if (found == calls_.end()) {
    calls_.push_back(call);
    successor_.push_back(none);
    return calls_.size() - 1;
  }
  return static_cast<CallId>(found - calls_.begin());
}

std::size_t PadPool::bytes_of(const Call& call) const {
  const ServerSite& site = setup_->at(call.site);
  const auto whole_lanes = [](std::size_t count) {  // as TilePads lays them out
    return (count + crypto::lanes - 1) / crypto::lanes * crypto::lanes;
  };
  return (whole_lanes(site.forward.inputs) + whole_lanes(site.forward.outputs)) *
         whole_lanes(call.tokens) * sizeof(std::uint32_t);
}

/// The current product's pads that are there already, then its successors' as far as memory goes.
/// What is in store beyond that is dropped.
void PadPool::replan() {
  plan_.clear();
  order_.clear();
  std::size_t left = limit_bytes_;
  if (const auto here = store_.find(current_); here != store_.end()) {
    plan_[current_] = here->second.size();
    left -= std::min(left, here->second.size() * bytes_of(calls_[current_]));
  }
  for (CallId id = successor_[current_]; id != none && id != current_; id = successor_[id]) {
    if (plan_.contains(id)) break;  // a cycle that does not pass through here
    const std::size_t each = bytes_of(calls_[id]);
    const std::size_t tiles = std::min(calls_[id].tiles, left / each);
    plan_[id] = tiles;
    order_.push_back(id);
    left -= tiles * each;
    if (tiles < calls_[id].tiles) break;
  }
  for (auto& [id, pads] : store_) {
    const auto wanted = plan_.find(id);
    const std::size_t keep = wanted == plan_.end() ? 0 : wanted->second;
    while (pads.size() > keep) pads.pop_back();
  }
}

PadPool::CallId PadPool::next_to_make() const {
  for (const CallId id : order_) {
    const auto found = store_.find(id);
    const std::size_t there = found == store_.end() ? 0 : found->second.size();
    if (there < plan_.at(id)) return id;
  }
  return none;
}

crypto::TilePads PadPool::make(const Call& call) const {
  const ServerSite& site = setup_->at(call.site);
  const SiteProduct& product = call.direction == Direction::forward ? site.forward : site.backward;
  const crypto::Params& params = setup_->params();
  return crypto::TilePads::make(params, setup_->masks(call.site), product.inputs, product.hints,
                                call.tokens, crypto::OneTimeSecret::sample(params, random_),
                                random_);
}

void PadPool::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    making_ = next_to_make();
    if (making_ == none) {
      changed_.notify_all();
      changed_.wait(lock);
      continue;
    }
    const CallId id = making_;
    const Call call = calls_[id];
    lock.unlock();
    crypto::TilePads pads = make(call);
    lock.lock();
    making_ = none;
    ++counts_.made;
    const auto wanted = plan_.find(id);  // the plan may have changed meanwhile
    auto& kept = store_[id];
    if (wanted != plan_.end() && kept.size() < wanted->second) kept.push_back(std::move(pads));
  }
}

}  // namespace hippocrypt::protocol
