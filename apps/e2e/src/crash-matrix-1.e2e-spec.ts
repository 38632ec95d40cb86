import { crashMatrix } from './crash-matrix';

await crashMatrix(1);
