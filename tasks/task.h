#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/philox.h"
#include "cuda/policy_contract.h"

// What a task is. An env (envs/mujoco_env.h) is a template over a class T with these members:
//
//   T(const Config&, const mjModel&)        resolves names to addresses, once per batch
//   const TaskSpec& spec() const
//   template <class Real> struct Memory     what one env remembers between steps: Reals and arrays
//                                           of them alone, with `void fields(visit)` naming each
//
//   std::vector<std::string> randomised_fields() const
//                                           model fields that get one value per world
//   void startup(FieldRows, Memory<double>&, const Draws&) const
//                                           once per env, before its first episode: writes the
//                                           world's rows of those fields, and lasting memory
//   template <class V> void start(V&, Memory<double>&, const Draws&) const
//                                           a new episode: writes qpos and qvel (all others are at
//                                           the model's defaults) and the task's memory
//   template <class V> void before_substep(V&, Memory&, const Real* action) const
//                                           the actuation law; action (num_players x action_dim)
//   template <class V> void after_substep(V&, Memory&) const
//                                           accumulates what only a substep can see (contacts)
//   template <class V> void after_substeps(V&, Memory&) const
//                                           before derived quantities are refreshed
//   template <class V> auto evaluate(V&, Memory&, const Real* action, Real* reward, Real* metrics)
//                                           reward (num_players x reward_terms), weighted, as paid;
//                                           metrics (num_players x metrics); returns the Masks
//                                           of spec().termination_terms as std::array
//   template <class V> bool disturb(V&, Memory&, const Draws&) const
//                                           pushes and command changes, between reward and
//                                           observation, not in the step that ends an episode;
//                                           true if it wrote qpos or qvel
//   template <class V> void observe(V&, Memory&, int player, int group, Real* out) const
//                                           noise-free row of a group
//
// Terms are pure and straight-line, in the words of cuda/words.h: a view is one world
// (sim/mj_view.h) or a pack of worlds (sim/lane_view.h). start() and disturb() are events: rare,
// branchy, random, one world at a time; their view has qpos, qvel and ctrl, to read and to write.

namespace fleet::tasks {

/// The counters that name every random number of one control step of one env.
struct Draws {
  std::uint64_t seed = 0;
  std::uint32_t env = 0;
  std::uint32_t episode = 0;
  std::uint32_t step = 0;         ///< control steps since the episode began
  std::int64_t vector_steps = 0;  ///< control steps since the batch was reset: for curricula only
  bool evaluation = false;

  /// The stream of random numbers of one purpose; every call begins it anew.
  Random operator()(Purpose purpose) const {
    const auto offset = evaluation ? static_cast<std::uint32_t>(Purpose::kEvaluation) : 0U;
    return {seed, env, episode, step, static_cast<std::uint32_t>(purpose) + offset};
  }
};

/// One world's rows of the model fields that a task randomises, in its own order.
using FieldRows = std::span<const std::span<double>>;

struct TaskSpec {
  int num_players = 1;
  int num_teams = 1;
  int action_dim = 0;
  int substeps = 1;           ///< physics steps per control step
  int max_episode_steps = 0;  ///< control steps; 0: never truncated
  /// True: the task sees derived quantities as mj_step leaves them, one substep old.
  bool derived_stale = false;
  std::vector<ObservationGroup> observations;
  std::vector<std::string> reward_terms;
  std::vector<std::string> termination_terms;
  std::vector<std::string> metrics;
  std::vector<Mirror> observation_mirror;
  Mirror action_mirror;
  PolicyContract contract;  ///< its action_bound is what the env clips to
};

}  // namespace fleet::tasks
