#include "protocol/server/product_service.hpp"

#include <algorithm>
#include <exception>
#include <tuple>

#include "crypto/lwe/core/lwe_params.hpp"
#include "protocol/core/error_frame.hpp"

namespace hippocrypt::protocol {
namespace {

/// Made once, so that it needs no memory when there is none.
const SharedBytes& failure_frame() {
  static const SharedBytes frame =
      error_frame({Errc::unavailable, "the server could not compute this product; try later"});
  return frame;
}

Status check_answer(std::size_t size_bytes) {
  if (size_bytes <= max_body_bytes) return Ok{};
  return Error{Errc::limit_exceeded,
               "the answer would be larger than a message may be: use tiles of fewer tokens"};
}

}  // namespace

/// A product request that has been checked; `body` lies in the request.
struct ProductService::Job {
  std::size_t index = 0;  ///< of the request
  const crypto::PackedWeights* weights = nullptr;
  const crypto::LweWeights* scalar = nullptr;  ///< when the request is for that scheme
  ProductRequest request;
  ByteView body;
};

Result<std::unique_ptr<ProductService>> ProductService::create(const model::ModelConfig& config,
                                                               const model::BaseWeights& base,
                                                               const Hash256& model_fingerprint,
                                                               const crypto::Params& params,
                                                               const crypto::MaskNonce& mask_nonce,
                                                               int threads) {
  const SetupSources sources{config, base, model_fingerprint, params, mask_nonce, threads};
  HIPPOCRYPT_TRY(ServerParts parts, build_server_parts(sources));
  return std::make_unique<ProductService>(sources, std::move(parts));
}

ProductService::ProductService(const SetupSources& sources, ServerParts parts)
    : wire_{sources.params.wire()},
      ring_dim_{sources.params.ring_dim()},
      threads_{sources.threads},
      sites_{std::move(parts.sites)},
      setup_{sources, std::move(parts.setup_frame)} {
  failure_frame();
}

std::size_t ProductService::weight_bytes() const {
  std::size_t sum = 0;
  for (const PackedSite& site : sites_) {
    sum += site.forward->memory_bytes();
    if (site.backward != nullptr) sum += site.backward->memory_bytes();
  }
  return sum;
}

void ProductService::answer_all(std::span<const ByteView> requests,
                                const Deliver& deliver) const noexcept {
  std::size_t index = 0;  // of the first request whose reply is due
  std::vector<Job> jobs;
  try {
    for (; index < requests.size(); ++index) {
      const Status status = [&]() -> Status {
        HIPPOCRYPT_TRY(const FrameView frame, open_frame(requests[index]));
        if (SetupService::takes(frame.type)) {
          HIPPOCRYPT_TRY(SharedBytes reply, setup_.answer(frame));
          deliver(index, std::move(reply));
          return Ok{};
        }
        HIPPOCRYPT_TRY(Job job, open_product(frame));
        job.index = index;
        jobs.push_back(std::move(job));
        return Ok{};
      }();
      if (!status) deliver(index, error_frame(status.error()));
    }
  } catch (const std::exception&) {
    for (; index < requests.size(); ++index) deliver(index, failure_frame());
  }
  // Requests for one matrix come to lie side by side.
  std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return std::tuple{a.weights, a.scalar, a.index} < std::tuple{b.weights, b.scalar, b.index};
  });
  for (auto first = jobs.begin(); first != jobs.end();) {
    const auto last = std::find_if(first, jobs.end(), [&](const Job& job) {
      return job.weights != first->weights || job.scalar != first->scalar;
    });
    run({first, last}, deliver);
    first = last;
  }
}

/// One pass over the weights that all the jobs share.
void ProductService::run(std::span<const Job> jobs, const Deliver& deliver) const {
  std::size_t next = 0;
  try {
    Result<std::vector<Bytes>> replies =
        jobs.front().scalar == nullptr ? multiply(jobs) : multiply_scalar(jobs);
    for (; next < jobs.size(); ++next) {
      deliver(jobs[next].index,
              replies ? SharedBytes{std::move((*replies)[next])} : error_frame(replies.error()));
    }
  } catch (const std::exception&) {
    for (; next < jobs.size(); ++next) deliver(jobs[next].index, failure_frame());
  }
}

/// Reply frames to requests for one matrix, into which the answers are written at once.
Result<std::vector<Bytes>> ProductService::multiply(std::span<const Job> jobs) const {
  const crypto::PackedWeights& weights = *jobs.front().weights;
  std::vector<crypto::ProductInput> inputs;
  std::vector<FrameInPlace> frames;
  std::vector<crypto::WritableBytes> answers;
  for (const Job& job : jobs) {
    const std::size_t tokens = job.request.tokens;
    inputs.push_back({job.body, tokens});
    frames.push_back(encode_in_place(
        reply_to(job, static_cast<std::uint8_t>(wire_.download_bits), Scheme::packed),
        weights.answer_bytes(tokens, wire_)));
  }
  for (FrameInPlace& frame : frames) answers.push_back(frame.body());
  HIPPOCRYPT_TRY_VOID(weights.multiply_into(inputs, wire_, threads_, answers));
  std::vector<Bytes> replies;
  for (FrameInPlace& frame : frames) replies.push_back(std::move(frame.bytes));
  return replies;
}

Result<std::vector<Bytes>> ProductService::multiply_scalar(std::span<const Job> jobs) const {
  std::vector<Bytes> replies;
  for (const Job& job : jobs) {
    HIPPOCRYPT_TRY(const Bytes answer,
                   job.scalar->multiply(job.body, job.request.tokens, threads_));
    replies.push_back(encode(reply_to(job, scalar_bits, Scheme::scalar), answer));
  }
  return replies;
}

ProductReply ProductService::reply_to(const Job& job, std::uint8_t bits, Scheme scheme) {
  return {job.request.ids, static_cast<std::uint32_t>(job.weights->out()), job.request.tokens, bits,
          scheme};
}

Status ProductService::check_packed(const ProductRequest& request) const {
  if (request.bits != wire_.upload_bits) {
    return Error{Errc::mismatch, "this server takes values of " +
                                     std::to_string(wire_.upload_bits) + " bits, not " +
                                     std::to_string(request.bits)};
  }
  if (request.tokens <= ring_dim_) return Ok{};
  return Error{Errc::out_of_range, "a tile has at most " + std::to_string(ring_dim_) +
                                       " tokens with these parameters, not " +
                                       std::to_string(request.tokens)};
}

Result<ProductService::Job> ProductService::open_product(const FrameView& frame) const {
  HIPPOCRYPT_TRY(const ProductRequest request, decode<ProductRequest>(frame));
  HIPPOCRYPT_TRY(const std::size_t index, setup_.find_site(request.ids));
  const PackedSite& site = sites_[index];
  const bool forward = request.ids.direction == Direction::forward;
  if (!forward && site.backward == nullptr) {
    return Error{Errc::unsupported, "the output head has no backward product"};
  }
  const crypto::PackedWeights& weights = forward ? *site.forward : *site.backward;
  if (request.features != weights.in()) {
    return Error{Errc::mismatch, "this product takes " + std::to_string(weights.in()) +
                                     " features, not " + std::to_string(request.features)};
  }
  if (request.scheme == Scheme::packed) {
    HIPPOCRYPT_TRY_VOID(check_packed(request));
    HIPPOCRYPT_TRY_VOID(check_answer(weights.answer_bytes(request.tokens, wire_)));
    return Job{0, &weights, nullptr, request, frame.body};
  }
  const auto& scalar = forward ? site.scalar_forward : site.scalar_backward;
  if (scalar == nullptr) {
    return Error{Errc::unsupported,
                 "this server does not offer the scalar scheme: start it with the oracle "
                 "encrypted-lwe"};
  }
  HIPPOCRYPT_TRY_VOID(check_answer(crypto::lwe_answer_bytes(weights.out(), request.tokens)));
  return Job{0, &weights, scalar.get(), request, frame.body};
}

}  // namespace hippocrypt::protocol
