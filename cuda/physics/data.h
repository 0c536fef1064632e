#pragma once

#include <cstdint>
#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/physics/model.h"
#include "cuda/physics/pack.h"

namespace fleet::physics {

/// Rows of the constraint solver that touch one dof each: friction loss and limits of joints.
template <class R>
struct DofRows {
  int num = 0;                    ///< that some world of the pack needs
  int num_friction = 0;           ///< the first ones are friction loss, the others limits
  std::vector<int> dof, id;       ///< id: the joint of a limit, the dof of friction loss
  AlignedVector<R> sign;          ///< the row's only entry: +1, -1
  AlignedVector<R> D;             ///< 1 / regulariser; 0 where a world does not have this row
  AlignedVector<R> aref;          ///< reference acceleration
  AlignedVector<R> frictionloss;  ///< largest force of a friction row
  AlignedVector<R> jar, jv;       ///< J qacc - aref, J search
  AlignedVector<R> force, curvature;  ///< minus first and second derivative of its cost by jar
};

/// What the cost of a block is.
enum class BlockKind { kLimit, kEquality, kFrictionLoss, kFrictionless, kPyramidal, kElliptic };

/// Rows that touch several dofs together: a contact (its cone), a ball joint's or tendon's limit, a
/// tendon's friction, an equality. One block each; all rows of a block share the columns. A pyramid has the rows
/// of its axes (normal, tangents, spin, rolls), not of its edges: cone.h.
template <class R>
struct RowBlocks {
  struct Block {
    BlockKind kind = BlockKind::kLimit;
    int contact = -1;              ///< index into Contacts; -1: none
    int dim = 1;                   ///< rows
    int num_columns = 0;
    const int* columns = nullptr;  ///< dofs, ascending
    int row = 0;                   ///< first of this block's dim rows
    int J = 0;                     ///< first number of J: (dim x num_columns)
    int H = 0;                     ///< first number of H: (dim x dim), lower triangle
  };
  int num = 0, num_rows = 0, num_J = 0, num_H = 0;
  std::vector<Block> block;
  int num_live = 0;
  std::vector<int> live;          ///< blocks that some world still iterating has
  AlignedVector<R> J;
  AlignedVector<R> D, aref, jar, jv, force;  ///< per row; a pyramid's D is that of its edges
  AlignedVector<R> H;             ///< second derivative of the block's cost by its rows
  AlignedVector<R> mu;            ///< per block: friction of the regularised cone
  AlignedVector<R> friction;      ///< (num x 5); [0] of a kFrictionLoss block is its limit, of a
                                  ///< kEquality block infinite
};

/// Contacts that some world of the pack has, in slot order.
template <class R>
struct Contacts {
  int num = 0;
  std::vector<int> slot, pair;  ///< (capacity)
  std::vector<MaskOf<R>> active;  ///< which worlds have it
  AlignedVector<R> dist;          ///< m; 1 where a world does not have it
  AlignedVector<R> pos;           ///< (num x 3) m, midway between the surfaces
  AlignedVector<R> frame;         ///< (num x 9) rows: normal from geom1 to geom2, two tangents
  AlignedVector<R> force;         ///< (num x 6) N and N m in that frame, as mj_contactForce

  /// What of a pair the broad phase reads, close together in memory.
  struct Bounds {
    int geom1, geom2;
    ScalarOf<R> distance;  ///< m, between centres, or from the plane, at which contacts begin
    bool is_plane;
  };
  std::vector<Bounds> bounds;  ///< (number of pairs)
};

/// What fourth-order Runge-Kutta keeps between its stages. Empty for other integrators.
template <class R>
struct RungeKuttaMemory {
  AlignedVector<R> qpos, qvel, act;                         ///< at the step's start
  AlignedVector<R> velocity, turned;                        ///< (nv) of this stage, of the last
  AlignedVector<R> velocity_sum, qacc_sum, act_dot_sum;     ///< weighted over the stages
};

/// One pack's working memory: MuJoCo's names and shapes, a pack per number. A thread has one, and
/// its packs take turns in it; state lives elsewhere (engine.h). Grouped by the stage that fills it.
template <class R>
struct PhysicsData {
  explicit PhysicsData(const Physics<ScalarOf<R>>& physics);

  ModelFields<AlignedVector<R>> field;  ///< the worlds' own model numbers

  // State and inputs.
  AlignedVector<R> qpos, qvel, act, ctrl, qacc_warmstart;
  AlignedVector<R> qfrc_applied, xfrc_applied;  // (nv), (nbody x 6) force, torque at the body's com
  bool has_applied = false;  ///< whether qfrc_applied or xfrc_applied hold anything but zeros

  // kinematics()
  AlignedVector<R> xpos, xquat, xmat, xipos, ximat;    // (nbody x 3, 4, 9, 3, 9)
  AlignedVector<R> xanchor, xaxis;                     // (njnt x 3)
  AlignedVector<R> geom_xpos, geom_xmat, site_xpos, site_xmat;

  // com_pos(), make_M(), factor_M(), tendons, transmission
  AlignedVector<R> subtree_com, cinert, cdof, crb;  // (nbody x 3, 10), (nv x 6), (nbody x 10)
  AlignedVector<R> M, qLD, qLDiagInv;               // (nC, nC, nv) factor: M = L' D L
  AlignedVector<R> ten_length, actuator_length;
  AlignedVector<R> actuator_moment;  // (moment_colind)

  Contacts<R> contact;
  DofRows<R> dof_rows;
  RowBlocks<R> blocks;

  // com_vel(), passive(), rne()
  AlignedVector<R> cvel, cdof_dot;  // (nbody x 6), (nv x 6) rotation, translation
  AlignedVector<R> ten_velocity, actuator_velocity;
  AlignedVector<R> qfrc_passive, qfrc_gravcomp, qfrc_bias;

  // actuation(), acceleration
  std::vector<MaskOf<R>> tendon_at_limit;  // whether its actuators together pull with all they may
  AlignedVector<R> actuator_force, act_dot, qfrc_actuator, qfrc_smooth, qacc_smooth;

  // solve()
  AlignedVector<R> qacc, qfrc_constraint;
  int solver_niter = 0;  ///< Newton iterations of this pack: of its slowest world

  // rne_post_constraint(), sensors()
  AlignedVector<R> subtree_linvel, subtree_angmom;  // (nbody x 3)
  AlignedVector<R> cacc, cfrc_int, cfrc_ext;        // (nbody x 6)
  AlignedVector<R> sensordata;

  // The Newton system: lower triangle, and per row which columns are not zero (nv <= 64).
  AlignedVector<R> H, H_diag_inv;         // (nv x nv, nv)
  std::vector<std::uint64_t> M_pattern, H_pattern;  // (nv) bit j: column j < i
  std::vector<int> H_rownnz, H_colind;    // (nv, nv x nv)
  AlignedVector<R> Ma, grad, search, Mv;  // (nv) M qacc, gradient, direction, M search

  // Integrators: a body's Jacobian in its own axes; systems and accelerations of loose bodies.
  AlignedVector<R> fluid_axes, free_matrix, free_qacc;  // (nv x 6), (free_bodies x 36, 6)
  RungeKuttaMemory<R> stages;
  AlignedVector<R> scratch_body, scratch_dof;  // (nbody x 12), (nv x 4)
};

}  // namespace fleet::physics
