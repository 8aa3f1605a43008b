#include "protocol/server/model_table.hpp"

#include <exception>

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol {

Result<std::shared_ptr<const ModelTable>> ModelTable::create(std::vector<Entry> entries) {
  if (entries.empty()) return Error{Errc::not_found, "there is no model to serve"};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (entries[i].config_fingerprint != entries[k].config_fingerprint &&
          entries[i].model_fingerprint != entries[k].model_fingerprint) {
        continue;
      }
      return Error{Errc::mismatch, "models " + std::to_string(k + 1) + " and " +
                                       std::to_string(i + 1) +
                                       " have the same shape, so a hospital could not say which "
                                       "it means; serve them by two servers"};
    }
  }
  return std::shared_ptr<const ModelTable>{new ModelTable{std::move(entries)}};
}

void ModelTable::answer_all(std::span<const ByteView> requests,
                            const Deliver& deliver) const noexcept {
  for (std::size_t entry = 0; entry < entries_.size(); ++entry) {
    answer_some(entry, requests, deliver);
  }
}

/// Those of `requests` that are the entry's.
void ModelTable::answer_some(std::size_t entry, std::span<const ByteView> requests,
                             const Deliver& deliver) const noexcept {
  const FrameService& service = *entries_[entry].service;
  if (entries_.size() == 1) return service.answer_all(requests, deliver);
  std::vector<ByteView> own;
  std::vector<std::size_t> index;
  try {
    own.reserve(requests.size());
    index.reserve(requests.size());
  } catch (const std::exception&) {  // no memory for a list: one by one
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (entry_of(requests[i]) == entry) deliver(i, service.answer(requests[i]));
    }
    return;
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (entry_of(requests[i]) != entry) continue;
    own.push_back(requests[i]);
    index.push_back(i);
  }
  if (own.empty()) return;
  service.answer_all(
      own, [&](std::size_t i, SharedBytes reply) { deliver(index[i], std::move(reply)); });
}

/// The first for what is no request: its refusal says so.
std::size_t ModelTable::entry_of(ByteView request) const noexcept {
  try {
    const auto frame = open_frame(request);
    if (!frame) return 0;
    const auto find = [this](const Hash256& wanted, Hash256 Entry::*fingerprint) {
      for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].*fingerprint == wanted) return i;
      }
      return std::size_t{0};
    };
    if (frame->type == MessageType::setup_request) {
      const auto setup = decode<SetupRequest>(*frame);
      return setup ? find(setup->config_fingerprint, &Entry::config_fingerprint) : 0;
    }
    if (frame->type == MessageType::hint_request) {
      const auto hints = decode<HintRequest>(*frame);
      return hints ? find(hints->ids.model_fingerprint, &Entry::model_fingerprint) : 0;
    }
    const auto product = decode<ProductRequest>(*frame);
    return product ? find(product->ids.model_fingerprint, &Entry::model_fingerprint) : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

}  // namespace hippocrypt::protocol
