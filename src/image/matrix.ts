export type Triple = readonly [number, number, number];
/** Three rows of three. */
export type Matrix = readonly [Triple, Triple, Triple];

export function apply([a, b, c]: Matrix, vector: Triple): Triple {
  return [dot(a, vector), dot(b, vector), dot(c, vector)];
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  const [a, b, c] = transpose(right);
  return transpose([apply(left, a), apply(left, b), apply(left, c)]);
}

export function transpose([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  return [
    [a, d, g],
    [b, e, h],
    [c, f, i],
  ];
}

export function diagonal([a, b, c]: Triple): Matrix {
  return [
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
  ];
}

/** null when the matrix has no inverse. */
export function invert([a, b, c]: Matrix): Matrix | null {
  const [bc, ca, ab] = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = dot(a, bc);
  if (determinant === 0 || !Number.isFinite(determinant)) return null;
  const scale = 1 / determinant;
  return transpose([times(bc, scale), times(ca, scale), times(ab, scale)]);
}

function dot([a, b, c]: Triple, [d, e, f]: Triple): number {
  return a * d + b * e + c * f;
}

function cross([a, b, c]: Triple, [d, e, f]: Triple): Triple {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function times([a, b, c]: Triple, factor: number): Triple {
  return [a * factor, b * factor, c * factor];
}
