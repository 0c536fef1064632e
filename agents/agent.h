#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cuda/batch_view.h"
#include "cuda/field.h"
#include "cuda/policy_graph.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// Whether to end what is under way.
using Stop = std::function<bool()>;

/// What one iteration did. Scalars carry TensorBoard tags (Loss/value, Policy/mean_std, ...).
struct IterationReport {
  std::int64_t env_steps = 0;    ///< taken in this iteration, over all envs
  double collection_time = 0.0;  ///< s
  double learning_time = 0.0;    ///< s
  bool is_complete = true;       ///< false: it was stopped half way
  std::vector<std::pair<std::string, double>> scalars;
};

/// A learner bound to one batch of envs.
class Agent {
 public:
  Agent() = default;
  virtual ~Agent() = default;
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Resets the envs and forgets any rollout under way. Not called on a resume.
  virtual void start(envs::BatchEnv& env) = 0;

  /// Steps the envs for one rollout and learns from it.
  virtual IterationReport iterate(envs::BatchEnv& env) = 0;

  /// From now on iterate() asks between env steps and between minibatches. Unless it keeps its
  /// place, one that was stopped leaves agent and envs somewhere on the way: only a state saved
  /// before is of use then.
  void stop_when(Stop stop) { stop_ = std::move(stop); }

  /// Whether a stopped iterate() is sound as it stands, and the next one goes on where it stopped.
  virtual bool keeps_its_place() const { return false; }

  /// The deterministic policy, as exported.
  /// @param observation (n, dim of the actor's group)  @param action (n, action_dim), which the env
  /// clips
  virtual void act(BatchView<const float> observation, BatchView<float> action) const = 0;

  /// act(), followed by the env's clip to the action bound, as a graph of ONNX operators.
  virtual PolicyGraph graph() const = 0;

  /// The part of state() that value() needs; empty: this agent tells no values.
  virtual Fields critic() { return {}; }

  /// What the critic expects of the reward to come, discounted, if the policy acts: in the task's
  /// units, with the bonus for entropy where the agent has one.
  /// @param observation all groups, (n, dim of the group)  @param value (n)
  virtual void value(const std::vector<BatchView<float>>& /*observation*/,
                     std::span<float> /*value*/) const {
    throw std::logic_error("this agent tells no values");
  }

  /// Everything a bit-exact resume needs: parameters, optimiser moments, normalisers, counters,
  /// schedules, the observations to act on next. The caller overwrites, then calls restore().
  virtual Fields state() = 0;
  virtual void restore() = 0;

  /// The part of state() that the shapes of the rest depend on: to be overwritten before the rest
  /// is asked for.
  virtual Fields sizes() { return {}; }

  /// The part of state() that act() needs: what a policy file holds.
  virtual Fields policy() = 0;

  /// What it has kept of itself on the way, oldest first, to play against: generations of a policy.
  virtual int num_generations() const { return 0; }
  virtual Agent& generation(int /*index*/) { return *this; }

 protected:
  const Stop& stop() const { return stop_; }

 private:
  Stop stop_ = [] { return false; };
};

}  // namespace fleet::agents
