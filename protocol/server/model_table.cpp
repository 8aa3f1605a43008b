#include "protocol/server/model_table.hpp"

#include <exception>
#include <utility>

#include "protocol/core/error_frame.hpp"

namespace hippocrypt::protocol {
namespace {

/// The weights that a hint or product request names. Errors: those of decode.
Result<Hash256> weights_of(const FrameView& frame) {
  if (frame.type == MessageType::hint_request) {
    HIPPOCRYPT_TRY(const auto hints, decode<HintRequest>(frame));
    return hints.ids.model_fingerprint;
  }
  HIPPOCRYPT_TRY(const auto product, decode<ProductRequest>(frame));
  return product.ids.model_fingerprint;
}

}  // namespace

/// Requests of one entry, and their places among all.
struct ModelTable::Batch {
  std::vector<ByteView> requests;
  std::vector<std::size_t> index;
};

ModelTable::ModelTable(std::vector<Entry> entries)
    : entries_{std::move(entries)},
      several_{error_frame({Errc::mismatch,
                            "this server has several models of that shape, and the request names "
                            "the weights of none of them; use the files of one of the server's "
                            "models"})} {}

Result<std::shared_ptr<const ModelTable>> ModelTable::create(std::vector<Entry> entries) {
  if (entries.empty()) return Error{Errc::not_found, "there is no model to serve"};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (entries[i].model_fingerprint != entries[k].model_fingerprint) continue;
      return Error{Errc::mismatch, "models " + std::to_string(k + 1) + " and " +
                                       std::to_string(i + 1) +
                                       " have the same weights, so a request could not say which "
                                       "it means; serve them by two servers"};
    }
  }
  return std::shared_ptr<const ModelTable>{new ModelTable{std::move(entries)}};
}

void ModelTable::answer_all(std::span<const ByteView> requests,
                            const Deliver& deliver) const noexcept {
  if (entries_.size() == 1) return entries_.front().service->answer_all(requests, deliver);
  std::vector<Batch> batches;
  try {
    batches = sort(requests);
  } catch (const std::exception&) {  // no memory for lists: one by one
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const std::size_t entry = entry_of(requests[i]);
      deliver(i, entry < entries_.size() ? entries_[entry].service->answer(requests[i]) : several_);
    }
    return;
  }
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) {
    const Batch& own = batches[entry];
    if (own.requests.empty()) continue;
    entries_[entry].service->answer_all(own.requests, [&](std::size_t i, SharedBytes reply) {
      deliver(own.index[i], std::move(reply));
    });
  }
  for (const std::size_t index : batches.back().index) deliver(index, several_);
}

/// A batch for each entry, and at the end those that are for none.
std::vector<ModelTable::Batch> ModelTable::sort(std::span<const ByteView> requests) const {
  std::vector<Batch> batches(entries_.size() + 1);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Batch& own = batches[entry_of(requests[i])];
    own.requests.push_back(requests[i]);
    own.index.push_back(i);
  }
  return batches;
}

/// The first for what is no request, or for a model that is not here: its refusal says so.
std::size_t ModelTable::entry_of(ByteView request) const noexcept {
  try {
    const auto frame = open_frame(request);
    if (!frame) return 0;
    if (frame->type == MessageType::setup_request) {
      const auto setup = decode<SetupRequest>(*frame);
      return setup ? entry_of_setup(*setup) : 0;
    }
    const auto weights = weights_of(*frame);
    for (std::size_t i = 0; weights && i < entries_.size(); ++i) {
      if (entries_[i].model_fingerprint == *weights) return i;
    }
    return 0;
  } catch (const std::exception&) {
    return 0;
  }
}

/// Beyond the last where several have the shape and none the weights.
std::size_t ModelTable::entry_of_setup(const SetupRequest& setup) const {
  std::size_t found = 0, count = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].config_fingerprint != setup.config_fingerprint) continue;
    if (entries_[i].model_fingerprint == setup.model_fingerprint) return i;
    found = i;
    ++count;
  }
  return count > 1 ? entries_.size() : found;
}

}  // namespace hippocrypt::protocol
