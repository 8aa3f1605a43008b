#include "notes/deal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace hippocrypt::notes {
namespace {

/// Logarithm of a gamma variate of shape at least 1 and scale 1.
double log_gamma_variate(double shape, SeededSequence& random) {
  const double d = shape - 1.0 / 3.0;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = random.normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - random.uniform();  // never 0
    if (std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

/// By weight; all of them must be finite, and one above 0.
std::size_t draw(const std::vector<double>& weights, SeededSequence& random) {
  double at = random.uniform() * std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    at -= weights[i];
    if (at < 0) return i;
  }
  return last;
}

/// The patients of one split that nobody has yet, by file and label.
class Deck {
 public:
  Deck(const std::vector<DealtPatient>& patients, const std::vector<std::string>& labels,
       bool heldout, SeededSequence& random) {
    for (std::size_t i = 0; i < patients.size(); ++i) {
      if (patients[i].is_heldout != heldout) continue;
      const auto label = std::lower_bound(labels.begin(), labels.end(), patients[i].label);
      if (piles_.size() <= patients[i].file) piles_.resize(patients[i].file + 1);
      auto& file = piles_[patients[i].file];
      file.resize(labels.size());
      file[static_cast<std::size_t>(label - labels.begin())].push_back(i);
    }
    for (auto& file : piles_) {
      file.resize(labels.size());
      for (auto& pile : file) {
        for (std::size_t left = pile.size(); left > 1; --left) {
          std::swap(pile[left - 1], pile[random.below(left)]);
        }
      }
    }
  }

  /// Patients of `label` that are left in `files`.
  std::size_t left(const std::vector<std::size_t>& files, std::size_t label) const {
    std::size_t count = 0;
    for (const std::size_t file : files) {
      if (file < piles_.size()) count += piles_[file][label].size();
    }
    return count;
  }
  /// One of these, which must be there.
  std::size_t take(const std::vector<std::size_t>& files, std::size_t label,
                   SeededSequence& random) {
    std::uint64_t which = random.below(left(files, label));
    for (const std::size_t file : files) {
      if (file >= piles_.size()) continue;
      auto& pile = piles_[file][label];
      if (which >= pile.size()) {
        which -= pile.size();
        continue;
      }
      const std::size_t patient = pile.back();
      pile.pop_back();
      return patient;
    }
    unreachable();
  }

 private:
  [[noreturn]] static void unreachable() {
    HIPPOCRYPT_CHECK(false, "a patient was there and is not");
    std::abort();
  }
  std::vector<std::vector<std::vector<std::size_t>>> piles_;  // [file][label]
};

std::vector<double> label_shares(const HandRequest& request, const Deck& full, std::size_t labels,
                                 std::uint64_t seed) {
  std::vector<double> prior(labels);
  double total = 0;
  for (std::size_t label = 0; label < labels; ++label) {
    total += prior[label] = static_cast<double>(full.left(request.files, label));
  }
  if (!(total > 0)) return prior;
  for (double& share : prior) share /= total;
  if (std::isinf(request.skew)) return prior;
  for (double& share : prior) share *= request.skew;
  SeededSequence random{seed, "label shares of " + request.name};
  return draw_dirichlet(prior, random);
}

/// The next patient of a hand, by its labels' shares. Errors: out_of_range.
Result<std::size_t> deal_one(const HandRequest& request, const std::vector<double>& shares,
                             Deck& deck, SeededSequence& random) {
  std::vector<double> wanted(shares.size()), any(shares.size());
  for (std::size_t label = 0; label < shares.size(); ++label) {
    any[label] = static_cast<double>(deck.left(request.files, label));
    if (any[label] > 0) wanted[label] = shares[label];
  }
  const auto empty = [](const std::vector<double>& weights) {
    return std::all_of(weights.begin(), weights.end(), [](double weight) { return weight <= 0; });
  };
  if (empty(any)) return Error{Errc::out_of_range, request.name};
  return deck.take(request.files, draw(empty(wanted) ? any : wanted, random), random);
}

struct Turn {
  const std::vector<HandRequest>& requests;
  const std::vector<std::vector<double>>& shares;
  SeededSequence& random;
  std::vector<Hand>& hands;

  /// Deals the patients of one split to everybody, one by one in turn. Errors: out_of_range.
  Status deal(Deck& deck, std::size_t HandRequest::*wanted, std::vector<std::size_t> Hand::*got,
              const char* what) const {
    for (bool dealt = true; dealt;) {
      dealt = false;
      for (std::size_t i = 0; i < requests.size(); ++i) {
        auto& hand = hands[i].*got;
        if (hand.size() >= requests[i].*wanted) continue;
        const auto patient = deal_one(requests[i], shares[i], deck, random);
        if (!patient) {
          return Error{
              Errc::out_of_range,
              fmt::format("{} is to get {} patients {}, but after {} nobody is left in its "
                          "note files: they have too few for all who share them",
                          requests[i].name, requests[i].*wanted, what, hand.size())};
        }
        hand.push_back(*patient);
        dealt = true;
      }
    }
    for (Hand& hand : hands) std::sort((hand.*got).begin(), (hand.*got).end());
    return {};
  }
};

}  // namespace

std::vector<double> draw_dirichlet(const std::vector<double>& concentrations,
                                   SeededSequence& random) {
  std::vector<double> shares(concentrations.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double shape = concentrations[i];
    if (!(shape > 0)) continue;
    // A variate of shape a < 1 is one of shape a + 1 times u^(1/a).
    shares[i] = log_gamma_variate(shape < 1 ? shape + 1 : shape, random);
    if (shape < 1) shares[i] += std::log(1 - random.uniform()) / shape;
  }
  const double largest = *std::max_element(shares.begin(), shares.end());
  double sum = 0;
  for (double& share : shares) sum += share = std::exp(share - largest);
  for (double& share : shares) share /= sum;
  return shares;
}

Result<std::vector<Hand>> deal_patients(const std::vector<DealtPatient>& patients,
                                        const std::vector<HandRequest>& requests,
                                        std::uint64_t seed) {
  std::vector<std::string> labels;
  labels.reserve(patients.size());
  for (const DealtPatient& patient : patients) labels.push_back(patient.label);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  SeededSequence random{seed, "dealing of patients"};
  Deck train{patients, labels, false, random};
  Deck heldout{patients, labels, true, random};
  std::vector<std::vector<double>> shares;
  shares.reserve(requests.size());
  for (const HandRequest& request : requests) {
    shares.push_back(label_shares(request, train, labels.size(), seed));
  }
  std::vector<Hand> hands(requests.size());
  const Turn turn{requests, shares, random, hands};
  HIPPOCRYPT_TRY_VOID(turn.deal(train, &HandRequest::train, &Hand::train, "to train on"));
  HIPPOCRYPT_TRY_VOID(turn.deal(heldout, &HandRequest::heldout, &Hand::heldout, "held out"));
  return hands;
}

}  // namespace hippocrypt::notes
