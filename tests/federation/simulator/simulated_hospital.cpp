#include "tests/federation/simulator/simulated_hospital.hpp"

#include "tests/federation/phased_collector.hpp"

namespace hippocrypt::federation::simulator {

SimulatedHospital::SimulatedHospital(const Scenario& scenario, std::uint32_t index,
                                     EventQueue& events, Uplink uplink,
                                     std::shared_ptr<const SecAggWorld> world)
    : scenario_{scenario},
      index_{index},
      name_{"h" + std::to_string(index)},
      events_{events},
      uplink_{std::move(uplink)} {
  if (world != nullptr) secagg_.emplace(std::move(world), scenario.seed, index);
}

void SimulatedHospital::restart() {
  up_ = true;
  round_ = attempt_ = training_ = 0;
  book_ = false;
  if (secagg_) secagg_->restart();
  uplink_.join();
}

void SimulatedHospital::hear(const RoundStart& start) {
  if (start.round < round_ || (start.round == round_ && start.attempt < attempt_)) return;
  const bool fresh = start.round != round_ || start.attempt != attempt_;
  round_ = start.round;
  attempt_ = start.attempt;
  if (fresh) book_ = false;
  if (secagg_) {
    uplink_.message(secagg_->begin(round_, attempt_));
  } else if (scenario_.masked) {
    uplink_.message(message_of(RoundMessageKind::key_advert, round_, attempt_));
  }
  if (trained_ == round_) {
    answer();
  } else if (training_ != round_) {
    train(round_);
  }
}

void SimulatedHospital::train(std::uint32_t round) {
  training_ = round;
  SeededSequence dice{scenario_.seed, "work " + name_ + ' ' + std::to_string(round)};
  double seconds = 5 + 30 * dice.uniform();
  if (dice.uniform() < scenario_.slow) seconds += 60 + 100 * dice.uniform();
  events_.after(seconds, [this, round, life = life_] {
    if (life != life_ || training_ != round) return;
    training_ = 0;
    trained_ = round;
    if (round == round_) answer();
  });
}

SimulatedHospital::Answer SimulatedHospital::choose() const {
  const std::string place = name_ + ' ' + std::to_string(round_);
  // A budget does not come back within a round; what fails once may work the next time.
  const std::string budget = "budget " + std::to_string(scenario_.budgets_raised) + ' ' + place;
  if (SeededSequence{scenario_.seed, budget}.uniform() < scenario_.sits_out) {
    return Answer::sits_out;
  }
  SeededSequence dice{scenario_.seed, "answer " + place + ' ' + std::to_string(attempt_)};
  const double chance = dice.uniform();
  if (chance < scenario_.fails) return Answer::fails;
  return chance < scenario_.fails + scenario_.faulty ? Answer::faulty : Answer::contributes;
}

void SimulatedHospital::answer() {
  Update update{name_, round_, attempt_, UpdateStatus::contributed, {}, update_of(index_, round_)};
  const Answer choice = choose();
  if (choice == Answer::sits_out || choice == Answer::fails) {
    update.status = choice == Answer::fails ? UpdateStatus::failed : UpdateStatus::sat_out;
    update.values.clear();
    return uplink_.update(std::move(update));
  }
  if (choice == Answer::faulty) update.values.pop_back();
  if (!scenario_.masked) return uplink_.update(std::move(update));
  answer_masked(update.values, choice == Answer::faulty);
}

void SimulatedHospital::answer_masked(const std::vector<float>& values, bool faulty) {
  if (secagg_) {
    auto message = secagg_->mask(update_of(index_, round_));
    if (message && faulty) message->body.pop_back();
    if (message) uplink_.message(std::move(*message));
  } else if (book_) {
    uplink_.message(PhasedCollector::message_of(name_, round_, attempt_,
                                                RoundMessageKind::masked_update, values));
  }
}

void SimulatedHospital::hear(const RoundMessage& message) {
  if (message.round != round_ || message.attempt != attempt_) return;
  if (secagg_) {
    if (auto reply = secagg_->hear(message)) uplink_.message(std::move(*reply));
  }
  // The last message before the update.
  const auto book = secagg_ ? RoundMessageKind::share_book : RoundMessageKind::key_book;
  if (message.kind == book) {
    book_ = true;
    if (trained_ == round_) answer();
  }
  if (message.kind != RoundMessageKind::survivors) return;
  const bool again = unmasked_ && unmasked_->round == round_;
  if (again && (unmasked_->attempt != attempt_ || unmasked_->survivors != message.body)) {
    return uplink_.violation(name_ + " is asked to unmask round " + std::to_string(round_) +
                             " twice");
  }
  unmasked_ = Unmasked{round_, attempt_, message.body};
  if (!secagg_) uplink_.message(message_of(RoundMessageKind::unmask_shares, round_, attempt_));
}

RoundMessage SimulatedHospital::message_of(RoundMessageKind kind, std::uint32_t round,
                                           std::uint32_t attempt) const {
  return PhasedCollector::message_of(name_, round, attempt, kind);
}

void SimulatedHospital::beat() { uplink_.heartbeat({name_, training_, 0}); }

}  // namespace hippocrypt::federation::simulator
