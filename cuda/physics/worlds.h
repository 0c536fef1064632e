#pragma once

#include <span>

#include "cuda/physics/data.h"

namespace fleet::physics {

/// The states of many worlds of one model, W of them to a pack, element by element: what a world
/// carries from step to step. World i is lane i % W of pack i / W; lanes without a world hold qpos0.
template <class R>
class Worlds {
 public:
  static constexpr int kWidth = kWidthOf<R>;

  Worlds(const Physics<ScalarOf<R>>& physics, int num_worlds);

  int num_worlds() const { return num_worlds_; }
  int num_packs() const { return num_packs_; }

  /// qpos, qvel, act, qacc_warmstart, ctrl, in this order.
  int state_size() const { return state_size_; }
  /// (num_packs x state_size), a pack per number.
  std::span<R> state() { return state_; }

  /// Gives a model field one value per world. @returns (num_packs x size), a pack per number,
  /// filled with the model's own values  @throws std::invalid_argument if there is no such field
  std::span<R> expand(const char* field);
  /// The same if expand() was called for it, else empty.
  std::span<R> expanded(const char* field);

  /// Copies a pack's state and its worlds' own model numbers into a thread's memory, and back.
  void load(int pack, PhysicsData<R>& data) const;
  void store(int pack, const PhysicsData<R>& data);

 private:
  struct Expanded {
    int field = 0;  ///< its place in ModelFields
    int size = 0;
    AlignedVector<R> values;
  };

  const Physics<ScalarOf<R>>* physics_;
  int num_worlds_, num_packs_, state_size_;
  AlignedVector<R> state_;
  std::vector<Expanded> expanded_;
};

}  // namespace fleet::physics
